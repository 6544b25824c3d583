"""The page in a real browser: the app on loopback, and a Chromium whose camera is a file of eight bars."""

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.support.camera import bars_picture, write_y4m
from tests.support.chromium import launch
from tests.support.page import WAIT_MS, LivePage
from tests.support.server import Server

expect.set_options(timeout=WAIT_MS)
LOG_CHARACTERS = 3000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """With what a test failed on goes the end of what the app has logged."""
    report = yield
    app = getattr(item, "funcargs", {}).get("app")
    if report.when == "call" and report.failed and app is not None:
        report.sections.append(("the app's log", app.log()[-LOG_CHARACTERS:]))
    return report


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def app():
    """The app, with places for the viewers of one test while those of the test before are still leaving."""
    with Server(COLORFILTER_MAX_LIVE="50") as server:
        yield server


@pytest.fixture(scope="session")
def bars(tmp_path_factory):
    """The camera's file."""
    path = tmp_path_factory.mktemp("camera") / "bars.y4m"
    write_y4m(path, [bars_picture(640, 480)] * 2)
    return path


@pytest.fixture(scope="session")
def browser(playwright, bars):
    running = launch(playwright, camera=bars)
    yield running
    running.close()


@pytest.fixture
def live_page(app, browser):
    with LivePage(browser, app.url) as page:
        yield page
