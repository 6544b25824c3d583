"""What the other views and the scope cost the server, beside the filtered view without a scope."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.browser import Viewer, cpu_seconds, event_loop_seconds
from bench.clip import write_camera
from bench.live import PATIENCE, viewing
from bench.table import Row
from tests.support.server import Server

ROUNDS, SETTLING, WINDOW = 2, 2, 6  # seconds
VIEWS = ("filter", "compare", "all")


@dataclass(frozen=True)
class Cost:
    """Milliseconds of the server for a frame."""

    all: float
    event_loop: float  # where the filter runs; the decoder and the encoder have threads of their own


def rows() -> Iterator[Row]:
    """At 640x480, where the rest of a frame costs least."""
    with tempfile.TemporaryDirectory() as folder:
        camera = Path(folder) / "480.y4m"
        write_camera(camera, 640, 480)
        with viewing("ours", (640, 480), camera) as (server, viewer):
            viewer.wait_for_size(480, PATIENCE, steady=SETTLING)
            costs = {name: median(cost) for name, cost in measured(server, viewer).items()}
    for name, cost in costs.items():
        if name != VIEWS[0]:
            yield Row(f"640x480: server CPU a frame, {name}, beside the filter alone", cost, costs[VIEWS[0]])


def measured(server: Server, viewer: Viewer) -> dict[str, list[float]]:
    """Milliseconds of the server a frame, by what is shown, in turn."""
    costs: dict[str, list[float]] = {name: [] for name in (*VIEWS, "filter and scope")}
    viewer.page.get_by_text("Settings", exact=True).click()
    scope = viewer.page.get_by_text("Scope", exact=True)
    scope.click()
    for _ in range(ROUNDS):
        for view in VIEWS:
            viewer.page.locator(".st-key-view").get_by_text(view, exact=True).click()
            costs[view].append(cost_of_a_frame(server, viewer).all)
        viewer.page.locator(".st-key-view").get_by_text("filter", exact=True).click()
        scope.click()
        costs["filter and scope"].append(cost_of_a_frame(server, viewer).all)
        scope.click()
    return costs


def cost_of_a_frame(server: Server, viewer: Viewer) -> Cost:
    pid = server.process.pid
    time.sleep(SETTLING)
    used, loop, received = cpu_seconds(pid), event_loop_seconds(pid), frames_received(viewer)
    time.sleep(WINDOW)
    frames = max(1, frames_received(viewer) - received)
    return Cost(1000 * (cpu_seconds(pid) - used) / frames, 1000 * (event_loop_seconds(pid) - loop) / frames)


def frames_received(viewer: Viewer) -> int:
    return int(viewer.stats()["inbound-rtp"]["framesReceived"])
