"""What vision filters cost the server in live video, beside a custom color, which costs most of the color filters."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.browser import Viewer
from bench.clip import write_camera
from bench.live import PATIENCE, viewing
from bench.table import Row
from bench.views import SETTLING, cost_of_a_frame
from tests.support.server import Server

CUSTOM, FILTERS = "custom", ("protan", "tritan", "daltonize-tritan")
ROUNDS = 3


def rows() -> Iterator[Row]:
    """At 1280x720, one viewer with the same clip, the filters in turn."""
    with tempfile.TemporaryDirectory() as folder:
        camera = Path(folder) / "720.y4m"
        write_camera(camera, 1280, 720)
        with viewing("ours", (1280, 720), camera) as (server, viewer):
            viewer.wait_for_size(720, PATIENCE, steady=SETTLING)
            costs = {name: median(cost) * 1000 for name, cost in measured(server, viewer).items()}
    for name in FILTERS:
        yield Row(f"1280x720: server CPU a frame, {name}, beside a custom color", costs[name], costs[CUSTOM])


def measured(server: Server, viewer: Viewer) -> dict[str, list[float]]:
    """Seconds of the server a frame, by filter."""
    costs: dict[str, list[float]] = {name: [] for name in (CUSTOM, *FILTERS)}
    for _ in range(ROUNDS):
        for group, names in {"Color": [CUSTOM], "Vision": FILTERS}.items():
            viewer.page.locator(".st-key-group").get_by_text(group, exact=True).click()
            for name in names:
                viewer.page.locator(".st-key-filter").get_by_text(name, exact=True).click()
                costs[name].append(cost_of_a_frame(server, viewer))
    return costs
