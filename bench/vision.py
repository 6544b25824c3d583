"""What vision filters cost the server in live video, beside a custom color, which costs most of the color filters.

And what no filter costs: a custom color takes light away, and with it detail that the encoder need not encode.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.browser import Viewer
from bench.clip import write_camera
from bench.live import PATIENCE, viewing
from bench.table import Row, both
from bench.views import SETTLING, Cost, cost_of_a_frame
from tests.support.server import Server

CUSTOM, NONE = "custom", "original"
FILTERS = ("protan", "tritan", "daltonize-tritan")
ROUNDS = 3


def rows() -> Iterator[Row]:
    """At 1280x720, one viewer with the same clip, the filters in turn."""
    with tempfile.TemporaryDirectory() as folder:
        camera = Path(folder) / "720.y4m"
        write_camera(camera, 1280, 720)
        with viewing("ours", (1280, 720), camera) as (server, viewer):
            viewer.wait_for_size(720, PATIENCE, steady=SETTLING)
            costs = measured(server, viewer)
    for name in (NONE, *FILTERS):
        asked = f"1280x720: server CPU a frame, {name}, beside a custom color"
        ours, custom = both(usual(costs[one]) for one in (name, CUSTOM))
        yield Row(asked, ours.all, custom.all)
        yield Row(f"{asked}: the event loop's part", ours.event_loop, custom.event_loop)


def usual(costs: list[Cost]) -> Cost:
    return Cost(median(cost.all for cost in costs), median(cost.event_loop for cost in costs))


def measured(server: Server, viewer: Viewer) -> dict[str, list[Cost]]:
    """What a frame costs, by filter."""
    costs: dict[str, list[Cost]] = {name: [] for name in (CUSTOM, NONE, *FILTERS)}
    for _ in range(ROUNDS):
        for group, names in {"Color": (CUSTOM, NONE), "Vision": FILTERS}.items():
            viewer.page.locator(".st-key-group").get_by_text(group, exact=True).click()
            for name in names:
                viewer.page.locator(".st-key-filter").get_by_text(name, exact=True).click()
                costs[name].append(cost_of_a_frame(server, viewer))
    return costs
