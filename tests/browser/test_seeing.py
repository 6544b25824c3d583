"""The views of the picture, its scope, and the link that opens them again."""

import itertools
import re

import numpy as np
import pytest

from colorfilter import PRESETS, filter_image
from colorfilter.stills import drawing
from colorfilter.views.options import COLOR_SHEET
from tests.support.bars import assert_shows, expected
from tests.support.camera import BARS
from tests.support.chromium import launch
from tests.support.page import STREAMER, LivePage, PhotoPage
from tests.support.patience import until

YELLOW = PRESETS["yellow"].color
LINE = "getComputedStyle(document.querySelector('.compare-line'), '::before').display"


def line_of(page):
    return page.get_by_role("slider", name="Line between the original")


def test_compare_shows_the_original_left_of_a_line_that_is_dragged_or_moved_by_keys(live_page):
    live_page.start()
    live_page.choose("yellow")
    live_page.see("compare")
    original, yellow = expected((255, 255, 255)), expected(YELLOW)
    assert_shows(live_page, [*original[:4], *yellow[4:]])
    line = line_of(live_page.page)
    line.focus()
    for _ in range(12):  # ten percent are 0.8 of a bar
        line.press("ArrowLeft")
    assert_shows(live_page, [*original[:3], *yellow[3:]])
    assert line.get_attribute("aria-valuenow") == "38"
    shown = live_page.page.locator(".compare-area").bounding_box()
    middle = shown["y"] + shown["height"] / 3
    live_page.page.mouse.move(shown["x"] + 0.38 * shown["width"], middle)
    live_page.page.mouse.down()
    for share in (0.5, 0.6, 0.75):
        live_page.page.mouse.move(shown["x"] + share * shown["width"], middle)
        box = live_page.page.locator(".compare-line").bounding_box()  # at once, and the video's a moment later
        assert box["x"] + box["width"] / 2 == pytest.approx(shown["x"] + share * shown["width"], abs=2)
        assert live_page.page.evaluate(LINE) == "block"
    assert_shows(live_page, [*original[:6], *yellow[6:]])  # it follows while it is dragged
    live_page.page.mouse.up()
    live_page.page.mouse.move(shown["x"] + 0.1 * shown["width"], middle)
    assert_shows(live_page, [*original[:6], *yellow[6:]])
    live_page.see("filter")
    assert_shows(live_page, yellow)
    assert live_page.frame().evaluate("window.connections") == 1


def test_all_six_shows_each_filter_on_a_tile_and_one_click_leaves_with_it(live_page):
    live_page.start()
    live_page.see("all")
    bars = [1, 6]  # as seen, of the eight of each tile
    points, want = [], []
    for i, color_filter in enumerate(COLOR_SHEET):
        row, column = divmod(i, 3)
        points += [[(column + (bar + 0.5) / len(BARS)) / 3, (row + 0.6) / 2] for bar in bars]
        want += [expected(color_filter.color)[bar] for bar in bars]
    assert_shows(live_page, want, points)
    sheet = live_page.video.evaluate("video => [video.videoWidth, video.videoHeight]")
    assert sheet == [636, 320]
    video = live_page.page.locator(".st-key-sheet").bounding_box()
    live_page.page.mouse.click(video["x"] + video["width"] / 2, video["y"] + 0.75 * video["height"])  # pink's tile
    live_page.page.get_by_text("Pink keeps red and blue and removes green.").wait_for()
    assert_shows(live_page, expected(PRESETS["pink"].color))
    live_page.page.wait_for_url("**/?filter=pink")


def scope_words(page):
    """What the scope says, and its numbers: three before and three after."""
    words = page.locator(".scope").get_attribute("aria-label")
    return words, [int(number) for number in re.findall(r"\d+", words)]


def test_the_scope_tells_how_much_there_is_of_each_channel_and_can_be_hidden(live_page):
    live_page.choose("yellow")
    live_page.start()
    page = live_page.page
    page.locator(".scope").wait_for()
    means = np.mean(BARS, axis=0)
    want = [*means, *means[:2], 0]
    until(lambda: np.abs(np.array(scope_words(page)[1]) - want).max() <= 2, pause=lambda: page.wait_for_timeout(100))
    words, captions = page.locator(".scope").evaluate(
        "s => [s.getAttribute('aria-label'), [...s.querySelectorAll('figcaption')].map((c) => c.innerText)]"
    )
    numbers = [int(number) for number in re.findall(r"\d+", words)]
    assert words.endswith("blue 0.")
    assert captions == [
        f"{name} {before} → {after}"
        for name, before, after in zip(("Red", "Green", "Blue"), numbers[:3], numbers[3:], strict=True)
    ]
    drawn = "images => images.map(i => i.complete && i.naturalWidth > 0)"
    until(lambda: page.locator(".scope img").evaluate_all(drawn) == [True] * 3, pause=lambda: page.wait_for_timeout(50))
    live_page.set("Scope")
    page.locator(".scope").wait_for(state="detached")
    live_page.wait_for_figures()


@pytest.mark.parametrize("view", ["compare", pytest.param("all", marks=pytest.mark.slow)])
def test_a_still_is_saved_as_it_is_seen(app, browser, view):
    with PhotoPage(browser, f"{app.url}/?mode=file&filter=cyan&view={view.replace(' ', '+')}") as page:
        card = drawing.card(1920, 1080)
        name, saved = page.download_picture()
        page.page.locator(".scope").wait_for()
        if view == "compare":
            assert name == "sample-cyan.png"
            assert np.array_equal(saved[:, :950], card[:, :950])
            assert np.array_equal(saved[:, 970:], filter_image(card, PRESETS["cyan"])[:, 970:])
        else:
            assert name == "sample-all.png"
            assert saved.shape == (720, 1920, 3)
            means = [
                saved[r * 360 + 60 : r * 360 + 360, c * 640 : c * 640 + 640].mean((0, 1))
                for r in (0, 1)
                for c in range(3)
            ]
            for mean, color_filter in zip(means, COLOR_SHEET, strict=True):
                whole = card[180:].mean((0, 1)) * np.array(color_filter.color) / 255
                assert np.abs(mean - whole).max() <= 3
            page.page.get_by_role("button", name="blue").click()
            page.page.get_by_text("Blue keeps blue and removes red and green.").wait_for()
            page.page.get_by_alt_text("The picture through the filter Blue").wait_for()


def test_the_shared_link_opens_what_is_seen_now(app, browser, live_page):
    page = live_page.page
    live_page.choose("custom")
    live_page.see("compare")
    page.get_by_role("slider", name="Strength").focus()
    page.keyboard.press("ArrowLeft")
    live_page.set("Mirror")
    page.get_by_role("button", name="Share").click()
    link = page.get_by_test_id("stCode").filter(has_text="mirror=false").inner_text().strip()
    with LivePage(browser, link) as other:
        other.page.get_by_text("Custom keeps red and dims green to 56 % and blue to 5 %.").wait_for()
        other.start()
        custom = np.rint(255 - (255 - np.array((255, 136, 0))) * 0.95)
        assert_shows(other, [*expected((255,) * 3, mirrored=False)[:4], *expected(custom, mirrored=False)[4:]])


# Of the card as `drawings` has it, RGB at points that the hand does not reach.
def card_at(points):
    card = drawing.card(1280, 720)
    return [card[int(y * 720), int(x * 1280)] for x, y in points]


CORNERS = [[0.05, 0.05], [0.25, 0.05], [0.45, 0.05], [0.6, 0.05], [0.75, 0.05], [0.95, 0.05]]


@pytest.mark.slow
def test_the_test_card_needs_no_camera_and_moves_in_every_view(app, playwright):
    browser = launch(playwright, args=())  # one that has no camera
    with LivePage(browser, f"{app.url}/?filter=original") as live_page:
        page = live_page.page
        page.get_by_role("button", name="Take the test card").click()
        page.wait_for_url("**/?filter=original&input=test+card")
        page.get_by_text("it is drawn on this server").wait_for()
        page.wait_for_function(f"""document.querySelectorAll("{STREAMER}").length === 1""")
        live_page.start()
        assert live_page.cameras() == 0
        assert_shows(live_page, card_at(CORNERS), CORNERS)
        live_page.choose("yellow")
        assert_shows(live_page, np.array(card_at(CORNERS)) * (1, 1, 0), CORNERS)
        ring = [[0.5 + 0.1 * np.sin(turn), 0.5 + 0.1 * 16 / 9 * np.cos(turn)] for turn in np.linspace(0, 6.2, 96)]
        seen = []
        for _ in range(4):
            seen.append(np.array(live_page.pixels(ring)))
            live_page.wait_for_frames(15)
        assert all(np.abs(a - b).max() > 60 for a, b in itertools.pairwise(seen))  # the hand goes on
        live_page.see("all")
        live_page.video.evaluate("v => new Promise(done => v.videoHeight === 480 ? done() : (v.onresize = done))")
        live_page.see("compare")
        half = CORNERS[:2] + CORNERS[4:]
        assert_shows(live_page, np.array(card_at(half)) * [[1, 1, 1], [1, 1, 1], [1, 1, 0], [1, 1, 0]], half)
        live_page.stop_button.click()
        live_page.start_button.wait_for()
        live_page.start()  # each start has a card of its own
        live_page.wait_for_frames(5)
    browser.close()


@pytest.mark.slow
def test_who_has_a_camera_is_not_told_of_the_card(app, browser):
    with LivePage(browser, app.url, clock=True) as live_page:
        live_page.page.wait_for_function("document.body.dataset.camera === 'found'")
        live_page.pass_looks(2)
        assert not live_page.page.get_by_text("No camera was found here").is_visible()
