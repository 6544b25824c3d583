"""From the camera to the screen in a real browser: how soon, how late and at what cost."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from bench.browser import APPS, Viewer, address, cpu_seconds, on_core, server_of
from bench.clip import write_camera
from bench.lag import percentile
from bench.table import Row, both
from tests.support.chromium import launch
from tests.support.server import Server

ROUNDS = {(640, 480): 1, (1280, 720): 1}  # stock alone takes a minute of each
PATIENCE = 70  # seconds for the full size
SETTLING, WINDOW = 2, 6  # seconds
TRIES = 3  # windows: the stock picture shrinks at times, and would be measured small
FIRST_FRAMES = 30
CHANGES = ["green", "blue", "red"]
MINUTE, PART = 60, 15  # seconds
Cores = tuple[int | None, int | None]  # of the server and of the browser; None is any


@dataclass
class Visit:
    """What one viewer saw; seconds since the button was pressed, and seconds of lag."""

    first: float
    first_full: float | None
    first_size: tuple[int, int]
    unfiltered: int
    measured_size: tuple[int, int] = (0, 0)
    cpu: float = 0.0  # server seconds a frame shown
    lags: list[float] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)


@contextmanager
def viewing(
    way: str, size: tuple[int, int], camera: Path, cores: Cores = (None, None)
) -> Iterator[tuple[Server, Viewer]]:
    """(server, viewer) with the camera just started, each on its core if one is given."""
    with on_core(cores[0]):
        server = server_of(way)
    with server, on_core(cores[1]), sync_playwright() as playwright:
        browser = launch(playwright, camera=camera)
        with Viewer(browser, server.url + address(way, *size)) as viewer:
            viewer.press_start()
            yield server, viewer
        browser.close()


def visit(way: str, size: tuple[int, int], camera: Path) -> Visit:
    """Start, wait for the full size, and measure the steady state."""
    with viewing(way, size, camera) as (server, viewer):
        viewer.wait_for_frames(FIRST_FRAMES, PATIENCE)
        viewer.wait_for_size(size[1], PATIENCE, steady=SETTLING)
        seen = first_frames(viewer, size[1])
        for _ in range(TRIES):
            if steady_state(server, viewer, seen) == size:
                break
            viewer.wait_for_size(size[1], PATIENCE, steady=SETTLING)
        if way == "ours":
            seen.changes = [change_filter(viewer, name) for name in CHANGES]
    return seen


def steady_state(server: Server, viewer: Viewer, seen: Visit) -> tuple[int, int]:
    """Measure for a while; the smallest size shown in it."""
    start, used = viewer.now(), cpu_seconds(server.process.pid)
    time.sleep(WINDOW)
    end, used = viewer.now(), cpu_seconds(server.process.pid) - used
    shown = [frame for frame in viewer.log()["shown"] if start <= frame[0] < end]
    seen.cpu = used / max(1, len(shown))
    seen.lags = viewer.lags(start, end)
    seen.measured_size = min(((frame[5], frame[6]) for frame in shown), default=(0, 0))
    return seen.measured_size


def first_frames(viewer: Viewer, height: int) -> Visit:
    """When the first frames came, how large they were, and how many of them were raw."""
    pressed, shown = viewer.pressed(), viewer.log()["shown"]
    full = next((frame[0] - pressed for frame in shown if frame[6] >= height), None)
    raw = sum(max(green, blue) > 100 for _, _, _, green, blue, *_ in shown[:FIRST_FRAMES])
    return Visit(shown[0][0] - pressed, full, (shown[0][5], shown[0][6]), raw)


def change_filter(viewer: Viewer, name: str) -> float:
    """Seconds from the click on a filter to the first frame of another color."""
    before = viewer.log()["shown"][-1][2:5]
    viewer.page.locator(".st-key-filter").get_by_text(name, exact=True).click()
    clicked = viewer.page.evaluate("window.bench.presses.at(-1)") / 1000
    time.sleep(1)
    for at, _, *color, _, _, _ in viewer.log()["shown"]:
        if at > clicked and max(abs(a - b) for a, b in zip(color, before, strict=True)) > 60:
            return float(at - clicked)
    raise RuntimeError(f"The picture did not change after a click on {name}.")


def overload(camera: Path) -> tuple[list[float], list[float], str]:
    """Lags in the first and in the last seconds at 1080p on one core, and the size shown at its end."""
    with viewing("ours", (1920, 1080), camera, cores=(0, 1)) as (_, viewer):
        viewer.wait_for_frames(1, PATIENCE)
        start = viewer.now()
        time.sleep(MINUTE)
        end = start + MINUTE
        first, last = viewer.lags(start, start + PART), viewer.lags(end - PART, end)
        return first, last, "{}x{}".format(*viewer.log()["shown"][-1][5:7])


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        for size, rounds in ROUNDS.items():
            camera = Path(folder) / f"{size[1]}.y4m"
            write_camera(camera, *size)
            visits: dict[str, list[Visit]] = {way: [] for way in APPS}
            for _ in range(rounds):
                for way, so_far in visits.items():
                    so_far.append(visit(way, size, camera))
            yield from visit_rows("{}x{}".format(*size), visits)
        camera = Path(folder) / "1080.y4m"
        write_camera(camera, 1920, 1080)
        yield from overload_rows(camera)


def visit_rows(size: str, visits: dict[str, list[Visit]]) -> Iterator[Row]:
    ways = [visits["ours"], visits["stock"]]

    def middle(get: Callable[[Visit], float], scale: float = 1000.0) -> tuple[float, float]:
        return both(median(get(one) for one in seen) * scale for seen in ways)

    def full(seen: list[Visit]) -> float | str:
        reached = [one.first_full for one in seen if one.first_full is not None]
        return median(reached) if len(reached) == len(seen) else f"> {PATIENCE} s"

    def sizes(get: Callable[[Visit], tuple[int, int]]) -> tuple[str, str]:
        return both(", ".join(sorted({"{}x{}".format(*get(one)) for one in seen})) for seen in ways)

    yield Row(f"{size}: press to first frame", *middle(lambda one: one.first, 1), "s", 2)
    yield Row(f"{size}: size of the first frame", *sizes(lambda one: one.first_size))
    yield Row(f"{size}: press to first frame of full size", *both(map(full, ways)), "s", 2)
    yield Row(
        f"{size}: raw frames among the first {FIRST_FRAMES}",
        *both(max(one.unfiltered for one in seen) for seen in ways),
        "",
        0,
    )
    yield Row(f"{size}: size while measured", *sizes(lambda one: one.measured_size))
    yield Row(f"{size}: server CPU a frame", *middle(lambda one: one.cpu))
    yield Row(f"{size}: camera to screen, median", *middle(lambda one: median(one.lags)), digits=0)
    yield Row(f"{size}: camera to screen, 95th percentile", *middle(lambda one: percentile(one.lags, 0.95)), digits=0)
    changes = [taken for one in visits["ours"] for taken in one.changes]
    yield Row(f"{size}: click on a filter to changed picture", median(changes) * 1000, digits=0)


def overload_rows(camera: Path) -> Iterator[Row]:
    """Of ours alone: the stock way does not reach this size within the minute."""
    first, last, size = overload(camera)
    what = "1920x1080, server on one core"
    for lag, name in zip((first, last), (f"first {PART} s", f"last {PART} s of a minute"), strict=True):
        yield Row(f"{what}: lag in the {name}, 95th percentile", percentile(lag, 0.95) * 1000, digits=0)
    yield Row(f"{what}: size at the end", size)
