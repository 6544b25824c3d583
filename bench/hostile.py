"""A viewer alone, and beside peers and clients that send what no browser sends (`tests/support/attacks.py`)."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.browser import Viewer, address
from bench.clip import write_camera
from bench.table import Row, both
from tests.support.attacks import LIMITS
from tests.support.chromium import launch
from tests.support.server import ROOT, Server

SIZE = (640, 480)
ALONE_S = 30.0


def pictures(viewer: Viewer, since: float) -> list[float]:
    """When each picture was shown, seconds on the page's clock."""
    return [frame[0] for frame in viewer.log()["shown"] if frame[0] >= since]


def rate(times: list[float]) -> float:
    """Pictures a second."""
    return len(times) / (times[-1] - times[0])


def longest_gap(times: list[float]) -> float:
    """Milliseconds."""
    return 1000 * max(after - before for before, after in pairwise(times))


def rows() -> Iterator[Row]:
    """The first column is beside the attackers, the second the same viewer alone."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Server("serve", **LIMITS) as server,
        sync_playwright() as playwright,
    ):
        camera = Path(folder) / "camera.y4m"
        write_camera(camera, *SIZE, None)
        browser = launch(playwright, camera=camera)
        with Viewer(browser, server.url + address("ours", *SIZE)) as viewer:
            viewer.press_start()
            viewer.wait_for_frames(150, 60)
            began = viewer.now()
            time.sleep(ALONE_S)
            alone = pictures(viewer, began)
            began = viewer.now()
            attack = [sys.executable, "-m", "tests.support.attacks", server.url]
            done = subprocess.run(attack, cwd=ROOT, check=True, capture_output=True, text=True)
            if failed := [what for what in json.loads(done.stdout.splitlines()[-1]) if "failed" in what]:
                raise RuntimeError(f"Attacks did not take place: {failed}")
            attacked = pictures(viewer, began)
            connections = viewer.connections()
        browser.close()
    yield Row("640x480: pictures a second", *both(map(rate, (attacked, alone))), "")
    yield Row("640x480: longest time without a new one", *both(map(longest_gap, (attacked, alone))), digits=0)
    yield Row("640x480: connections that the page made", connections, None, "", 0)
