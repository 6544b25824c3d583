"""Scenes and networks that change: one viewer, or two, in a real browser behind a line with a real queue."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.browser import Viewer, address, server_of
from bench.clip import CLIP_FRAMES, soft_and_detailed, write_camera
from bench.lag import percentile
from bench.table import Row, both
from colorfilter.webrtc.encoding.resolution import GROW_MARGIN, coarse_rate
from tests.support.bottleneck import Bottleneck, Line
from tests.support.chromium import launch
from tests.support.server import HERE

SIZES = {480: (640, 480), 720: (1280, 720), 1080: (1920, 1080)}
SOFT_AND_DETAILED_FRAMES = 240
CARRIED_S = 6.0  # seconds of a line that carries the full size, after which the picture is to have its full size
RATE_SHARE = 1.2  # headers and packets that are sent again, on top of the picture's own rate


def mobile_trace(seed: int, seconds: int) -> str:
    """A mobile phone's way down: 0.6 to 5 Mbit/s, a new rate every 2 s, at most half or twice the one before."""
    rng = random.Random(seed)
    rate, parts = 2000.0, []
    for at in range(0, seconds, 2):
        rate = min(5000.0, max(600.0, rate * 2 ** rng.uniform(-1, 1)))
        parts.append(f"{at}:{rate:.0f}k")
    return ",".join(parts)


@dataclass(frozen=True)
class Scenario:
    """What is tried: a scene of that height for so many seconds, over a line or on loopback."""

    name: str
    height: int
    seconds: int
    line: Line | None = None
    scene: str = "landscape"
    viewers: int = 1

    @property
    def trace_changes(self) -> bool:
        """Whether the line's rate changes with time."""
        return self.line is not None and "," in self.line.down

    @property
    def full_bitrate(self) -> float:
        """What a line must carry for the picture to have its full size, bits a second."""
        return RATE_SHARE * GROW_MARGIN * coarse_rate(*SIZES[self.height])


@dataclass(frozen=True)
class Seen:
    """What a viewer saw from its first picture on. `shown` is (time, height) of each picture, in seconds from it.

    The first picture came `since_line` seconds after the line's trace had started.
    """

    shown: list[tuple[float, int]]
    seconds: float
    lags: list[float]
    connections: int
    height: int
    since_line: float = 0.0
    received_bytes: int = 0

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return len(self.shown) / self.seconds

    @property
    def longest_gap(self) -> float:
        """Seconds without a new picture."""
        times = [0.0, *(at for at, _ in self.shown), self.seconds]
        return max(after - before for before, after in pairwise(times))

    def full(self, start: float = 0.0, end: float = float("inf")) -> float:
        """The share of that time in which the picture had its full size."""
        if not self.shown:
            return 0.0
        ends = [at for at, _ in self.shown[1:]] + [self.seconds]
        spans = [
            (min(until, end) - max(at, start), height) for (at, height), until in zip(self.shown, ends, strict=True)
        ]
        whole = sum(span for span, _ in spans if span > 0)
        return sum(span for span, height in spans if span > 0 and height >= self.height) / whole if whole else 0.0

    def full_where_carried(self, line: Line, bitrate: float) -> float:
        """The share of the pictures at full size, of those before which the line had carried `bitrate` for 6 s."""
        at_full = [
            height >= self.height
            for at, height in self.shown
            if (now := at + self.since_line) >= CARRIED_S and line.carries(bitrate, now - CARRIED_S, now)
        ]
        return sum(at_full) / len(at_full) if at_full else float("nan")

    @property
    def lag(self) -> float:
        """Seconds from camera to screen, at the 95th percentile."""
        return percentile(self.lags, 0.95)


FALL = Line("0:5M,12:400k,24:5M", delay_s=0.025)
SCENARIOS = {
    "scene480": Scenario("loopback, soft and detailed, 480p", 480, 30, scene="soft and detailed"),
    "scene720": Scenario("loopback, soft and detailed, 720p", 720, 30, scene="soft and detailed"),
    "scene1080": Scenario("loopback, soft and detailed, 1080p", 1080, 30, scene="soft and detailed"),
    "clip480": Scenario("loopback, a landscape that drifts, 480p", 480, 30),
    "clip720": Scenario("loopback, a landscape that drifts, 720p", 720, 30),
    "clip1080": Scenario("loopback, a landscape that drifts, 1080p", 1080, 30),
    "fall": Scenario("5 Mbit/s, 12 s of 400 kbit/s, 5 Mbit/s; 50 ms; 720p", 720, 40, FALL),
    "thin": Scenario("1 Mbit/s, 50 ms, a queue of 200 ms, 480p", 480, 40, Line("1M", delay_s=0.025)),
    "mobile1": Scenario("mobile, 0.6 to 5 Mbit/s, 720p, seed 1", 720, 40, Line(mobile_trace(1, 40), delay_s=0.025)),
    "mobile2": Scenario("mobile, 0.6 to 5 Mbit/s, 720p, seed 2", 720, 40, Line(mobile_trace(2, 40), delay_s=0.025)),
    "mobile3": Scenario("mobile, 0.6 to 5 Mbit/s, 720p, seed 3", 720, 40, Line(mobile_trace(3, 40), delay_s=0.025)),
    "loss3": Scenario("8 Mbit/s, 80 ms, 3 % lost, 720p", 720, 30, Line("8M", delay_s=0.04, loss=0.03)),
    "loss5": Scenario("8 Mbit/s, 80 ms, 5 % lost, 720p", 720, 30, Line("8M", delay_s=0.04, loss=0.05)),
    "narrow": Scenario("200 kbit/s, 50 ms, 480p", 480, 60, Line("200k", delay_s=0.025)),
    "two": Scenario("two viewers on 3 Mbit/s, 50 ms, 720p", 720, 40, Line("3M", delay_s=0.025), viewers=2),
}


# Of SCENARIOS those that the bench prints, in half an hour; the others are there to look at.
BENCHED = (
    *("scene480", "scene720", "scene1080", "clip480", "clip720", "clip1080"),
    *("fall", "thin", "mobile1", "mobile2", "loss3", "loss5", "narrow", "two"),
)


def camera(folder: Path, scenario: Scenario) -> Path:
    """The scene's file, written once."""
    path = folder / f"{scenario.scene.replace(' ', '-')}-{scenario.height}.y4m"
    if not path.exists():
        size = SIZES[scenario.height]
        write_camera(path, *size, soft_and_detailed(*size) if scenario.scene == "soft and detailed" else None)
    return path


def watch(way: str, scenario: Scenario, folder: Path) -> list[Seen]:
    """What each viewer saw."""
    with ExitStack() as stack:
        line = stack.enter_context(Bottleneck(scenario.line) if scenario.line else nullcontext())
        server = stack.enter_context(server_of(way, line.app if line else HERE))
        playwright = stack.enter_context(sync_playwright())
        options = {}
        if line:  # a page that does not come from loopback has no camera, but for this
            options = {
                "through": line.viewer.starter(folder),
                "args": [f"--unsafely-treat-insecure-origin-as-secure={server.url}"],
            }
        browser = launch(playwright, camera=camera(folder, scenario), **options)
        stack.callback(browser.close)
        url = server.url + address(way, *SIZES[scenario.height])
        viewers = [stack.enter_context(Viewer(browser, url)) for _ in range(scenario.viewers)]
        if line:
            line.start()
        started = time.time()
        for viewer in viewers:
            viewer.press_start()
        viewers[0].wait_for_frames(1, 30)
        time.sleep(scenario.seconds)
        return [seen(viewer, scenario, started) for viewer in viewers]


def watch_a_start(way: str, scenario: Scenario, folder: Path) -> list[Seen]:
    """As `watch`, once more if a viewer saw nothing: one start in twenty of the stock page stays black."""
    viewers = watch(way, scenario, folder)
    return viewers if all(viewer.shown for viewer in viewers) else watch(way, scenario, folder)


def seen(viewer: Viewer, scenario: Scenario, started: float) -> Seen:
    """What that viewer has seen so far; `started` is when the line's trace started, in seconds of `time.time`."""
    frames = SOFT_AND_DETAILED_FRAMES if scenario.scene == "soft and detailed" else CLIP_FRAMES
    lags, now, shown = viewer.lags(frames=frames), viewer.now(), viewer.log()["shown"]
    first = shown[0][0] if shown else viewer.pressed()
    pictures = [(frame[0] - first, frame[6]) for frame in shown]
    received = viewer.stats().get("inbound-rtp", {}).get("bytesReceived", 0)
    return Seen(pictures, now - first, lags, viewer.connections(), scenario.height, first - started, received)


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        for scenario in (SCENARIOS[name] for name in BENCHED):
            ways = [watch_a_start(way, scenario, Path(folder)) for way in ("ours", "stock")]
            yield from scenario_rows(scenario, ways)


def scenario_rows(scenario: Scenario, ways: list[list[Seen]]) -> Iterator[Row]:
    name = scenario.name
    worst = [min(viewers, key=lambda viewer: viewer.rate) for viewers in ways]
    yield Row(f"{name}: at full size", *both(f"{viewer.full():.0%}" for viewer in worst))
    yield Row(f"{name}: pictures a second", *both(viewer.rate for viewer in worst), "")
    yield Row(f"{name}: longest time without a new one", *both(viewer.longest_gap for viewer in worst), "s", 2)
    yield Row(f"{name}: lag, 95th percentile", *both(viewer.lag * 1000 for viewer in worst), digits=0)
    if scenario.trace_changes:
        assert scenario.line is not None
        carried = [viewer.full_where_carried(scenario.line, scenario.full_bitrate) for viewer in worst]
        yield Row(f"{name}: at full size where the line had carried it for 6 s", *both(map("{:.0%}".format, carried)))
    if scenario.viewers > 1:
        received = [[viewer.received_bytes for viewer in viewers] for viewers in ways]
        shares = [min(sizes) / max(1, sum(sizes)) for sizes in received]
        yield Row(f"{name}: the lesser one's share of the bits", *both(map("{:.0%}".format, shares)))
