"""A server with one place: who gets it, and when it is free again."""

import os
import signal

import pytest

from tests.support.chromium import launch
from tests.support.page import STREAMER, LivePage
from tests.support.patience import until
from tests.support.processes import processes_of
from tests.support.server import Server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def one_place():
    with Server(COLORFILTER_MAX_LIVE="1") as server:
        yield server


@pytest.fixture
def small_app(one_place, browser):
    """The server, its place free again after the test before."""
    page = browser.new_context().new_page()
    page.goto(one_place.url)
    wait_for_a_place(page)
    page.context.close()
    return one_place


def wait_for_a_place(page):
    """The page looks for one by itself."""
    page.locator(STREAMER).wait_for()


def assert_full(browser, app):
    """A page that is told that the server is full; the caller closes it."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(app.url)
    page.get_by_text("1 person is watching live, as many as this server can serve well.").wait_for()
    return page


def assert_lives(live_page):
    """The page gets a picture, and so has a place of its own."""
    live_page.start()
    live_page.wait_for_frames(3)


def test_the_next_viewer_is_told_and_nothing_changes_for_the_first_whose_stop_frees_the_place(small_app, browser):
    with LivePage(browser, small_app.url) as first:
        assert_lives(first)
        second = assert_full(browser, small_app)
        second.get_by_role("button", name="Try again").click()
        second.get_by_text("1 person is watching live").wait_for()
        first.wait_for_frames(30)
        assert first.frame().evaluate("window.connections") == 1
        first.stop_button.click()
        wait_for_a_place(second)
        second.context.close()


def test_two_who_press_at_once_get_one_picture_and_one_sentence(small_app, browser):
    with LivePage(browser, small_app.url) as one, LivePage(browser, small_app.url) as other:
        one.start_button.click()
        other.start_button.click()

        def told():
            return [page.page.get_by_text("1 person is watching live").count() for page in (one, other)]

        until(lambda: sum(told()) == 1, pause=lambda: one.page.wait_for_timeout(100))
        winner, loser = (one, other) if told() == [0, 1] else (other, one)
        winner.video.wait_for()
        winner.wait_for_frames(30)
        assert loser.page.locator(STREAMER).count() == 0


def test_who_loads_the_page_again_while_live_is_not_told_of_themselves(small_app, browser):
    with LivePage(browser, small_app.url) as first:
        assert_lives(first)
        refused = small_app.log().count("viewer refused")
        first.page.reload()
        first.start_button.wait_for()
        assert small_app.log().count("viewer refused") == refused
        assert_lives(first)


def test_a_closed_tab_frees_the_place(small_app, browser):
    with LivePage(browser, small_app.url) as first:
        assert_lives(first)
        second = assert_full(browser, small_app)
        first.page.close()
        wait_for_a_place(second)
        second.context.close()


def test_a_killed_browser_frees_the_place(small_app, playwright, browser, bars):
    doomed = launch(playwright, camera=bars, args=["--mark=killed"])
    assert_lives(LivePage(doomed, small_app.url))
    second = assert_full(browser, small_app)
    for pid in processes_of("--mark=killed"):
        os.kill(pid, signal.SIGKILL)
    wait_for_a_place(second)
    second.context.close()


def test_a_browser_that_falls_silent_frees_the_place(playwright, browser, bars):
    """Stopped, it holds every connection open and sends nothing, as with a cable pulled."""
    with Server("tests/apps/short_silence_app.py", COLORFILTER_MAX_LIVE="1") as app:
        silent = launch(playwright, camera=bars, args=["--mark=silent"])
        assert_lives(LivePage(silent, app.url))
        second = assert_full(browser, app)
        pids = processes_of("--mark=silent")
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            wait_for_a_place(second)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
        second.context.close()


def test_one_browser_is_live_in_few_tabs(browser):
    with (
        Server(COLORFILTER_MAX_LIVE="9", COLORFILTER_MAX_LIVE_PER_BROWSER="1") as server,
        LivePage(browser, server.url) as first,
        LivePage(browser, server.url) as other_browser,
    ):
        assert_lives(first)
        tab = first.context.new_page()
        tab.goto(server.url)
        tab.get_by_text("This browser watches live in as many tabs as one may.").wait_for()
        assert tab.locator(STREAMER).count() == 0
        assert_lives(other_browser)
        first.stop_button.click()
        first.start_button.wait_for()
        wait_for_a_place(tab)
