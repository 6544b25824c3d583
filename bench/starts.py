"""A hundred starts of the camera, five on each page: how many bring a moving picture, and how soon."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from bench.browser import Viewer, address, server_of
from bench.clip import write_camera
from bench.lag import percentile
from bench.table import Row
from tests.support.chromium import launch

STARTS, PATIENCE = 100, 10  # starts, seconds
STARTS_A_PAGE = 5
BROWSERS = 2  # at once
SIZE = (640, 480)
MOVING = 5  # frames with a number of their own


def start(viewer: Viewer) -> float | None:
    """Seconds from the press to the first frame, None if no moving picture came in time."""
    viewer.press_start()
    frames = "window.bench.shown.filter(frame => frame[0] > window.bench.presses.at(-1))"
    if not viewer.wait_for(f"new Set({frames}.map(frame => frame[1])).size >= {MOVING}", PATIENCE):
        return None
    return float(viewer.frame.evaluate(f"({frames}[0][0] - window.bench.presses.at(-1)) / 1000"))


def starts(url: str, camera: Path, count: int) -> list[float | None]:
    """`count` starts one after the other, in a browser of their own."""
    taken: list[float | None] = []
    with sync_playwright() as playwright:
        browser = launch(playwright, camera=camera)
        context = browser.new_context()  # one for all, with a cache as a visitor has who comes back
        while len(taken) < count:
            with Viewer(context, url) as viewer:
                for _ in range(min(STARTS_A_PAGE, count - len(taken))):
                    taken.append(start(viewer))
                    viewer.press_stop()
        browser.close()
    return taken


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        camera = Path(folder) / "camera.y4m"
        write_camera(camera, *SIZE)
        with server_of("ours") as server, ThreadPoolExecutor(BROWSERS) as pool:
            url = server.url + address("ours", *SIZE)
            counts = [len(range(i, STARTS, BROWSERS)) for i in range(BROWSERS)]
            parts = [pool.submit(starts, url, camera, count) for count in counts]
            taken = [seconds for part in parts for seconds in part.result()]
    came = [seconds for seconds in taken if seconds is not None]
    yield Row("starts that brought a moving picture", f"{len(came)} of {len(taken)}")
    yield Row("press to first frame, median", median(came) if came else None, unit="s", digits=2)
    yield Row("press to first frame, 95th percentile", percentile(came, 0.95), unit="s", digits=2)
