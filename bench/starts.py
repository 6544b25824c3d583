"""A hundred starts of the page, each in a fresh browser context: how many bring a moving picture, and how soon."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from bench.browser import APPS, Viewer, address
from bench.clip import write_camera
from bench.lag import percentile
from bench.table import Row

from chromium import launch
from server import Server

STARTS, PATIENCE = 100, 10  # starts, seconds
BROWSERS = 2  # at once
SIZE = (640, 480)
MOVING = 5  # frames with a number of their own


def start(browser, url: str) -> float | None:
    """Seconds from the press to the first frame, None if no moving picture came in time."""
    with Viewer(browser, url) as viewer:
        viewer.press_start()
        if not viewer.wait_for(f"new Set(window.bench.shown.map(f => f[1])).size >= {MOVING}", PATIENCE):
            return None
        return viewer.log()["shown"][0][0] - viewer.pressed()


def starts(url: str, camera: Path, count: int) -> list[float | None]:
    """`count` starts one after the other, in a browser of their own."""
    with sync_playwright() as playwright:
        browser = launch(playwright, camera=camera)
        taken = [start(browser, url) for _ in range(count)]
        browser.close()
    return taken


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        camera = Path(folder) / "camera.y4m"
        write_camera(camera, *SIZE)
        with Server(APPS["ours"]) as server, ThreadPoolExecutor(BROWSERS) as pool:
            url = server.url + address("ours", *SIZE)
            halves = [pool.submit(starts, url, camera, STARTS // BROWSERS) for _ in range(BROWSERS)]
            taken = [seconds for half in halves for seconds in half.result()]
    came = [seconds for seconds in taken if seconds is not None]
    yield Row("starts that brought a moving picture", f"{len(came)} of {len(taken)}")
    yield Row("press to first frame, median", median(came) if came else None, unit="s", digits=2)
    yield Row("press to first frame, 95th percentile", percentile(came, 0.95), unit="s", digits=2)
