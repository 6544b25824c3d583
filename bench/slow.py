"""One viewer at 1280x720 behind bad networks and a good one."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TypedDict

from playwright.sync_api import sync_playwright

from bench.browser import Viewer, address, server_of
from bench.clip import write_camera
from bench.lag import percentile
from bench.network import Emulator, Network
from bench.table import Row, both
from colorfilter.webrtc import full_rate
from tests.support.chromium import launch

SIZE = (1280, 720)
BAD = Network(rate=1000, latency=50, loss=2, queue=50)  # latency is added each way
WORSE = Network(rate=300, latency=50, loss=2, queue=50)
NAME = "1 Mbit/s, 100 ms, 2 % lost"
STARTS, WATCHED = {"ours": 10, "stock": 1}, 2  # starts, and how many of them beyond the first picture
SOON, SETTLED, END = 3, 10, 14  # seconds from the press
STEADY, FALL, RETURN = 5, 10, 10  # seconds
ALIVE = 15  # pictures a second
CLIMB = 10  # seconds of patience
SHARE = 0.8  # of a rate that counts as having reached it


class Start(TypedDict):
    """Seconds to the first picture, pictures a second, and lags in seconds."""

    first: float
    rate: float
    lags: list[float]


class Fall(TypedDict):
    """Pictures a second meanwhile, seconds until they are back (None: they are not), and lags in seconds after it."""

    during: float
    recovery: float | None
    lags: list[float]


@contextmanager
def browser_of(way: str, camera: Path) -> Iterator[Callable[[], Viewer]]:
    """Opens pages of the app."""
    with server_of(way) as server, sync_playwright() as playwright:
        browser = launch(playwright, camera=camera)
        context = browser.new_context()
        yield lambda: Viewer(context, server.url + address(way, *SIZE))
        browser.close()


def shown(viewer: Viewer, start: float, end: float) -> list[float]:
    """When pictures were shown between two times."""
    return [frame[0] for frame in viewer.log()["shown"] if start <= frame[0] < end]


def starts(open_page: Callable[[], Viewer], count: int) -> list[Start]:
    """Start after start on the bad network: first picture, pictures a second and lags once it has settled."""
    seen: list[Start] = []
    while len(seen) < count:
        with open_page() as viewer:
            Emulator(viewer.page).set(BAD)
            viewer.press_start()
            if len(seen) < WATCHED:
                time.sleep(END)
            else:
                viewer.wait_for_frames(1, END)
            seen.append(settled(viewer))
    return seen


def settled(viewer: Viewer) -> Start:
    pressed = viewer.pressed()
    first = next(iter(shown(viewer, pressed, float("inf"))), float("inf"))
    late = viewer.lags(pressed + SETTLED, pressed + END)
    rate = len(shown(viewer, pressed + SETTLED, pressed + END)) / (END - SETTLED)
    return {"first": first - pressed, "rate": rate, "lags": late}


def fall(open_page: Callable[[], Viewer]) -> Fall:
    """The bad network falls to a third and comes back."""
    with open_page() as viewer:
        emulator = Emulator(viewer.page)
        emulator.set(BAD)
        viewer.press_start()
        time.sleep(STEADY)
        emulator.set(WORSE)
        fell = viewer.now()
        time.sleep(FALL)
        emulator.set(BAD)
        back = viewer.now()
        time.sleep(RETURN)
        times = shown(viewer, back, back + RETURN)
        alive = [at for at in times if sum(at <= other < at + 1 for other in times) >= ALIVE]
        return {
            "during": len(shown(viewer, fell, back)) / FALL,
            "recovery": alive[0] - back if alive else None,
            "lags": viewer.lags(back + RETURN - 5, back + RETURN),
        }


def climb(open_page: Callable[[], Viewer]) -> dict[str, float | str]:
    """Seconds from the press until each direction runs at its full rate on a good network."""
    reached: dict[str, float | str] = {}
    with open_page() as viewer:
        viewer.press_start()
        pressed, last = viewer.pressed(), (0, viewer.now())
        while viewer.now() - pressed < CLIMB and len(reached) < 2:
            time.sleep(0.5)
            stats, now = viewer.stats(), viewer.now()
            received = stats.get("inbound-rtp", {}).get("bytesReceived", 0)
            rates = {
                "up": stats.get("outbound-rtp", {}).get("targetBitrate", 0),
                "down": (received - last[0]) * 8 / (now - last[1]),
            }
            last = received, now
            for direction, rate in rates.items():
                if rate >= SHARE * full_rate(*SIZE):
                    reached.setdefault(direction, now - pressed)
    return {direction: reached.get(direction, f"> {CLIMB} s") for direction in ("up", "down")}


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        camera = Path(folder) / "camera.y4m"
        write_camera(camera, *SIZE)
        with browser_of("stock", camera) as open_page:
            stock = starts(open_page, STARTS["stock"])
        with browser_of("ours", camera) as open_page:
            yield from start_rows([starts(open_page, STARTS["ours"]), stock])
            yield from fall_rows(fall(open_page))
            climbed = climb(open_page)
    for direction in ("up", "down"):
        yield Row(f"good network: press to {SHARE:.0%} of the full rate, {direction}link", climbed[direction], unit="s")


def start_rows(ways: list[list[Start]]) -> Iterator[Row]:
    soon = [f"{sum(one['first'] <= SOON for one in seen)} of {len(seen)}" for seen in ways]
    rates = [[one["rate"] for one in seen[:WATCHED]] for seen in ways]
    late = [[lag * 1000 for one in seen[:WATCHED] for lag in one["lags"]] for seen in ways]
    yield Row(f"{NAME}: starts with a picture within {SOON} s", *both(soon))
    yield Row(f"{NAME}: pictures a second from second {SETTLED}, median of starts", *both(map(median, rates)), "")
    yield Row(f"{NAME}: pictures a second from second {SETTLED}, the worst start", *both(map(min, rates)), "")
    yield Row(f"{NAME}: lag from second {SETTLED}, median", *both(percentile(each, 0.5) for each in late), digits=0)
    yield Row(f"{NAME}: lag from second {SETTLED}, 95th percentile", *both(percentile(e, 0.95) for e in late), digits=0)


def fall_rows(seen: Fall) -> Iterator[Row]:
    what = f"{NAME}, {FALL} s at 300 kbit/s"
    recovery = f"> {RETURN} s" if seen["recovery"] is None else seen["recovery"]
    late = percentile(seen["lags"], 0.95) * 1000
    yield Row(f"{what}: pictures a second in the fall", seen["during"], unit="")
    yield Row(f"{what}: return of the rate to {ALIVE} pictures a second", recovery, unit="s")
    yield Row(f"{what}: lag in the last 5 of {RETURN} s after it, 95th percentile", late, digits=0)
