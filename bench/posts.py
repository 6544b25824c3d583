"""A live viewer while others post pictures without pause, all on the machine's cores."""

import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from bench.browser import Viewer, address
from bench.clip import write_camera
from bench.table import Row
from tests.support.chromium import launch
from tests.support.pictures import photo, saved
from tests.support.server import Server

SIZE = (1280, 720)
CLIENTS = 4
SETTLING, WINDOW = 4, 6  # seconds


@contextmanager
def posting(url: str) -> Iterator[list[float]]:
    """Clients that post a 1080p PNG, and the next as soon as the answer is there: the seconds that each took."""
    picture, taken, over = saved(photo()), [], threading.Event()

    def post() -> None:
        while not over.is_set():
            request = urllib.request.Request(f"{url}/filter?color=red", picture, {"Content-Type": "image/png"})
            start = time.perf_counter()
            with urllib.request.urlopen(request) as answer:
                answer.read()
            taken.append(time.perf_counter() - start)

    clients = [threading.Thread(target=post) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    yield taken
    over.set()
    for client in clients:
        client.join()


def frame_rates(viewer: Viewer) -> list[int]:
    """Pictures shown in each of the next seconds."""
    start = viewer.now()
    time.sleep(WINDOW)
    shown = [frame[0] - start for frame in viewer.log()["shown"]]
    return [sum(second <= at < second + 1 for at in shown) for second in range(WINDOW)]


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder, Server("serve") as server, sync_playwright() as playwright:
        camera = Path(folder) / "camera.y4m"
        write_camera(camera, *SIZE)
        browser = launch(playwright, camera=camera)
        with Viewer(browser, server.url + address("ours", *SIZE)) as viewer:
            viewer.press_start()
            time.sleep(SETTLING)
            alone = frame_rates(viewer)
            with posting(server.url) as taken:
                beside = frame_rates(viewer)
        browser.close()
    yield Row("1280x720, nobody posts: pictures a second, median", median(alone), unit="")
    yield Row(f"1280x720, {CLIENTS} clients post: pictures a second, median", median(beside), unit="")
    yield Row(f"1280x720, {CLIENTS} clients post: pictures in the worst second", min(beside), unit="", digits=0)
    yield Row(f"{CLIENTS} clients post: answers a second", len(taken) / WINDOW, unit="")
    yield Row(f"{CLIENTS} clients post: a picture to its answer, median", median(taken), unit="s", digits=2)
