"""How soon the page is there: Lighthouse with a desktop's settings, and a line of 1 Mbit/s."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.browser import STREAMER, server_of
from bench.table import Row, both
from tests.support.bottleneck import Bottleneck, Line
from tests.support.chromium import launch
from tests.support.lighthouse import lighthouse
from tests.support.server import HERE, Here, Server

COMPRESSING_S = 10  # until the server has compressed what a page loads


def server(way: str, place: Here = HERE) -> Server:
    """The app as it is served, or the stock page as Streamlit runs it."""
    return Server("serve", place=place) if way == "ours" else server_of(way, place)


def report(way: str) -> dict[str, float]:
    """Lighthouse's figures of the second visit: performance, first paint in ms, bytes, layout shift."""
    with server(way) as app, sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            time.sleep(COMPRESSING_S)
            found = lighthouse(playwright, app.url, Path(folder))
    audits = found["audits"]
    names = ("first-contentful-paint", "total-byte-weight", "cumulative-layout-shift")
    figures = {name: float(audits[name]["numericValue"]) for name in names}
    return figures | {"performance": 100 * float(found["categories"]["performance"]["score"])}


def ready_after(browser: Browser, url: str) -> float:
    """Seconds until the camera could be started, in a browser that has nothing of the page."""
    with browser.new_context() as context:
        page = context.new_page()
        began = time.monotonic()
        page.goto(url, wait_until="commit")
        page.frame_locator(STREAMER).get_by_role("button", name="Start").wait_for(timeout=120_000)
        return time.monotonic() - began


def on_a_megabit(way: str) -> float:
    """Seconds until the page is ready on 1 Mbit/s, without TLS, where browsers accept gzip alone."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Bottleneck(Line("1M", delay_s=0.025)) as line,
        server(way, line.app) as app,
        sync_playwright() as playwright,
    ):
        args = [f"--unsafely-treat-insecure-origin-as-secure={app.url}"]
        browser = launch(playwright, through=line.viewer.starter(Path(folder)), args=args)
        ready_after(browser, app.url)  # before the line is thin, so that all is compressed
        time.sleep(COMPRESSING_S)
        line.start()
        seconds = ready_after(browser, app.url)
        browser.close()
    return seconds


def rows() -> Iterator[Row]:
    ways = [report(way) for way in ("ours", "stock")]
    yield Row("Lighthouse, desktop: performance, of 100", *both(way["performance"] for way in ways), "", 0)
    yield Row("Lighthouse, desktop: first paint", *both(way["first-contentful-paint"] for way in ways), digits=0)
    yield Row("Lighthouse, desktop: bytes", *both(way["total-byte-weight"] / 1e6 for way in ways), "MB", 2)
    yield Row("Lighthouse, desktop: layout shift", *both(way["cumulative-layout-shift"] for way in ways), "", 3)
    yield Row("1 Mbit/s, 50 ms: ready", *both(map(on_a_megabit, ("ours", "stock"))), "s")
