"""One viewer in a real Firefox, on loopback and behind a thin line with a real queue."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path

from bench.browser import address, server_of
from bench.lag import percentile
from bench.networks import SIZES
from bench.table import Row, both
from tests.support.bottleneck import Bottleneck, Line
from tests.support.firefox import Firefox
from tests.support.server import HERE

SCENE = (Path(__file__).parents[1] / "tests/support/firefox_scene.js").read_text(encoding="utf-8")
MEGABIT = Line("1M", delay_s=0.025)
# Name, height, seconds and line of what is tried.
SCENARIOS = [
    ("Firefox on loopback, 720p", 720, 40, None),
    ("Firefox at 1 Mbit/s, 50 ms, a queue of 200 ms, 480p", 480, 30, MEGABIT),
]


@dataclass(frozen=True)
class Seen:
    """What the viewer saw: pictures a second, the share of them at full size, and the lags in seconds."""

    rate: float
    full: float
    lags: list[float]


def watch(way: str, height: int, seconds: int, line: Line | None) -> Seen:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        network = stack.enter_context(Bottleneck(line) if line else nullcontext())
        server = stack.enter_context(server_of(way, network.app if network else HERE))
        firefox = stack.enter_context(Firefox(folder, network.viewer if network else HERE))
        firefox.open(server.url + address(way, *SIZES[height]), ours=way == "ours")
        if network:
            network.start()
        firefox.start("Start camera" if way == "ours" else "Start", camera=SCENE, ours=way == "ours")
        time.sleep(seconds)
        log = firefox.evaluate("() => window.sceneLog", inside=True)
    drawn = {number: at for at, number in log["sent"]}
    shown = [(at, number, size) for at, number, size in log["shown"] if number in drawn]
    if len(shown) < 2:
        return Seen(0.0, 0.0, [])
    full = sum(size >= height for _, _, size in shown) / len(shown)
    lags = [at - drawn[number] for at, number, _ in shown]
    return Seen(len(shown) / (shown[-1][0] - shown[0][0]), full, lags)


def rows() -> Iterator[Row]:
    for name, height, seconds, line in SCENARIOS:
        ways = [watch(way, height, seconds, line) for way in ("ours", "stock")]
        yield Row(f"{name}: at full size", *both(f"{seen.full:.0%}" for seen in ways))
        yield Row(f"{name}: pictures a second", *both(seen.rate for seen in ways), "")
        lags = [percentile(seen.lags, 0.95) * 1000 if seen.lags else None for seen in ways]
        yield Row(f"{name}: lag, 95th percentile", *both(lags), digits=0)
