"""From the camera to the screen, in a real browser."""

import pytest

from colorfilter import PRESETS
from tests.support.bars import assert_shows, expected
from tests.support.page import LivePage
from tests.support.server import Server

COLORS = {name: f.color for name, f in PRESETS.items()} | {"custom": (255, 136, 0)}


def test_every_filter_while_it_runs_on_one_connection(live_page):
    live_page.start()
    for name, color in COLORS.items():
        live_page.choose(name)
        assert_shows(live_page, expected(color))
        live_page.wait_for_frames(5)
    assert live_page.frame().evaluate("window.connections") == 1
    assert live_page.frame().evaluate("window.connection.connectionState") == "connected"


def test_strength_and_mirror_act_at_once(live_page):
    live_page.start()
    live_page.choose("red")
    assert_shows(live_page, expected((255, 0, 0)))
    live_page.set("Mirror")
    assert_shows(live_page, expected((255, 0, 0), mirrored=False))
    slider = live_page.page.get_by_role("slider", name="Strength")
    slider.focus()
    for _ in range(10):  # ten steps of 5 %
        slider.press("ArrowLeft")
    assert_shows(live_page, expected((255, 128, 128), mirrored=False))
    assert live_page.frame().evaluate("window.connections") == 1


def test_the_link_chooses_the_filter_and_the_custom_color(app, browser):
    with LivePage(browser, app.url + "/?filter=custom&color=%23102030") as live_page:
        live_page.start()
        assert_shows(live_page, expected((16, 32, 48)))


def test_figures_appear_while_it_runs_and_the_picture_stops_on_request(live_page):
    assert "kept nowhere" in live_page.text()
    live_page.start()
    live_page.wait_for_figures("640 × 480")
    live_page.stop_button.click()
    live_page.start_button.wait_for()
    live_page.page.get_by_text("kept nowhere").wait_for()
    live_page.start()  # and again, in the same page
    live_page.wait_for_frames(5)


@pytest.mark.slow
def test_the_figures_never_rerun_the_page(app, browser):
    """A rerun of the page would send the selector again; a fragment only touches its own lines."""
    with LivePage(browser, app.url, clock=True) as live_page:
        live_page.start()
        live_page.wait_for_figures()
        live_page.page.evaluate(
            """() => { window.changes = 0;
            new MutationObserver(seen => window.changes += seen.length).observe(
                document.querySelector(".st-key-strength"),
                {subtree: true, childList: true, attributes: true, characterData: true}) }"""
        )
        live_page.pass_runs(3)
        assert live_page.page.evaluate("window.changes") == 0


def test_only_the_camera_is_asked_for_and_nothing_is_demanded_of_it(browser, app):
    with LivePage(browser, app.url + "/?resolution=1080p") as live_page:
        live_page.frame().evaluate(
            """() => { const devices = navigator.mediaDevices, open = devices.getUserMedia.bind(devices);
            devices.getUserMedia = wanted => { window.wanted = wanted; return open(wanted); } }"""
        )
        live_page.start()
        assert live_page.frame().evaluate("window.wanted") == {
            "audio": False,
            "video": {
                "width": {"ideal": 1920},
                "height": {"ideal": 1080},
                "frameRate": {"ideal": 30},
                "facingMode": {"ideal": "user"},
            },
        }


@pytest.mark.slow
@pytest.mark.parametrize("filter_name", ["red"])
def test_a_filter_that_fails_on_some_frames_never_ends_the_stream(browser, filter_name):
    with (
        Server("tests/apps/failing_app.py") as server,
        LivePage(browser, f"{server.url}/?filter={filter_name}") as live_page,
    ):
        live_page.start()
        live_page.page.get_by_text("The filter failed on a picture; the last good one is shown.").wait_for()
        live_page.wait_for_frames(30)
        assert_shows(live_page, expected(PRESETS[filter_name].color))
        assert server.log().count("A frame could not be filtered") == 1
