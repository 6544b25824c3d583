"""Vision filters on the page, and the color under the cross, in a real browser."""

import contextlib
import re

import numpy as np
import pytest

from colorfilter import VISION, filter_image
from colorfilter.stills import drawing
from colorfilter.stills.decode import read_picture
from tests.support.page import LivePage, PhotoPage
from tests.support.patience import until

pytestmark = pytest.mark.slow

BARS = drawing.BARS
CARD = drawing.card(1920, 1080)


@pytest.fixture
def open_photo(browser, app):
    with contextlib.ExitStack() as pages:

        def open_page(**query):
            link = "&".join(f"{key}={value}" for key, value in {"mode": "file", **query}.items())
            return pages.enter_context(PhotoPage(browser, f"{app.url}/?{link}"))

        yield open_page


def names(page):
    """The filters that are shown in the selector."""
    labels = page.page.locator(".st-key-filter label[data-testid='stRadioOption']")
    return [label.inner_text().lower() for label in labels.all() if label.is_visible()]


def test_two_groups_each_with_its_filters_and_each_remembers_its_last(open_photo):
    page = open_photo(filter="cyan")
    assert names(page) == ["original", "red", "green", "blue", "yellow", "pink", "cyan", "custom"]
    page.page.locator(".st-key-group").get_by_text("Vision", exact=True).click()
    page.page.get_by_text("Protan shows what people without red (L) cones see (Viénot 1999).").wait_for()
    assert names(page) == list(VISION)
    page.page.locator(".st-key-filter").get_by_text("tritan", exact=True).click()
    page.page.get_by_text("Tritan shows what people without blue (S) cones see (Brettel 1997).").wait_for()
    assert "filter=tritan" in page.page.url
    page.page.locator(".st-key-group").get_by_text("Color", exact=True).click()
    page.page.get_by_text("Cyan keeps green and blue and removes red.").wait_for()
    page.page.locator(".st-key-group").get_by_text("Vision", exact=True).click()
    page.page.get_by_text("Tritan shows what people without blue (S) cones see (Brettel 1997).").wait_for()


# What the page does by the clock, to be done when a test wants it.
CLOCKS = """
window.clocks = [];
const setByClock = window.setInterval;
window.setInterval = (act, ...times) => { window.clocks.push(act); return setByClock(act, ...times); };
"""
PRESS_AS_CLOCKS_STRIKE = """async (button) => {
  button.click();
  await null;  // the page has taken the press, and not yet reported it
  for (const act of window.clocks) act();
}"""


def test_a_press_counts_though_the_figures_are_due_just_then(app, browser):
    with LivePage(browser, f"{app.url}/?filter=red", CLOCKS) as page:
        page.start()
        page.wait_for_figures()
        for group, name in (("Vision", "protan"), ("Color", "red")):
            button = page.page.locator(".st-key-group button").filter(has_text=group)
            button.evaluate(PRESS_AS_CLOCKS_STRIKE)
            page.page.wait_for_url(f"**filter={name}**")
            assert name in names(page)


@pytest.mark.parametrize("name", ["deutan", "daltonize-tritan"])
def test_a_link_opens_a_vision_filter_and_every_pixel_is_saved_through_it(open_photo, name):
    page = open_photo(filter=name, strength=70)
    page.page.get_by_text(VISION[name].at_strength(0.7).describe()).wait_for()
    file, saved = page.download_picture()
    assert file == f"sample-{name}.png"
    assert np.array_equal(saved, filter_image(CARD, VISION[name].at_strength(0.7)))


def test_all_shows_the_vision_set_and_a_press_on_a_tile_leaves_with_it(open_photo):
    page = open_photo(filter="achromat", view="all")
    file, saved = page.download_picture()
    assert (file, saved.shape) == ("sample-all.png", CARD.shape)
    small = read_picture_of(CARD)
    for name, row, column in (("protan", 0, 1), ("deutan", 1, 0), ("tritan", 1, 1)):
        tile = saved[540 * row + 100 : 540 * row + 540, 960 * column : 960 * column + 960]
        assert np.array_equal(tile, filter_image(small, VISION[name])[100:])
    page.page.locator(".st-key-tile_deutan button").click()
    page.page.get_by_text("Deutan shows what people without green (M) cones see (Viénot 1999).").wait_for()


def read_picture_of(card):
    """The card at half the size, as the mean of 2x2 pixels."""
    import cv2

    return cv2.resize(card, (960, 540), interpolation=cv2.INTER_AREA)


def test_a_link_of_version_1_shows_the_sheet(open_photo):
    page = open_photo(filter="red", view="all+six")
    page.page.locator(".st-key-tile_cyan button").wait_for(state="attached")
    assert "There is no view" not in page.text()


def press(page, x, y):
    box = page.page.locator(".probe-area").bounding_box()
    page.page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def test_the_cross_on_a_photo_tells_the_color_where_one_presses_and_copies_it(open_photo):
    page = open_photo(filter="protan", probe="true")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    said = page.page.locator(".probe-said")
    for bar, words in ((3, "bright green; bright yellow through the filter"), (7, "black"), (0, "white")):
        press(page, (bar + 0.5) / len(BARS), 0.1)
        page.page.wait_for_function("words => document.querySelector('.probe-said').textContent === words", arg=words)
    press(page, 5.5 / len(BARS), 0.1)
    page.page.locator(".probe-told .before", has_text="bright red #ff0000").click()
    assert page.page.evaluate("navigator.clipboard.readText()") == "#ff0000"
    seen = filter_image(np.array([[[255, 0, 0]]], np.uint8), VISION["protan"])[0, 0]
    after = bytes(seen.tolist()).hex()
    page.page.locator(".probe-told .after", has_text=f"#{after}").click()
    assert page.page.evaluate("navigator.clipboard.readText()") == f"#{after}"
    assert said.get_attribute("role") == "status"
    for _ in range(13):  # percent, to the bar beside it, which is blue; what is between may be told on the way
        page.page.locator(".probe-cross").press("ArrowRight")
    page.page.wait_for_function("/^(bright )?blue/.test(document.querySelector('.probe-said').textContent)")


# Whoever has no https has no new clipboard; a test may still look into it.
NO_CLIPBOARD = """
window.kept = navigator.clipboard;
Object.defineProperty(navigator, "clipboard", { value: undefined });
"""
REFUSED = "navigator.clipboard.writeText = async () => { throw new DOMException('', 'NotAllowedError'); };"
NO_COPY = "document.execCommand = () => false;"
CLIPBOARD = "(window.kept ?? navigator.clipboard).readText()"


class CrossPage(PhotoPage):
    """File mode with the cross on the card's red bar, and a clock that goes as the test says."""

    def __init__(self, browser, url, init_script=""):
        context = {"permissions": ["clipboard-read", "clipboard-write"], "clock": True}
        super().__init__(browser, f"{url}/?mode=file&filter=protan&probe=true", init_script, **context)
        self.before, self.after = (self.page.locator(f".probe-told .{name}") for name in ("before", "after"))
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(error))
        self.context.clock.pause_at(self.page.evaluate("Date.now()") / 1000 + 1)
        self.move_to_bar(5, "bright red #ff0000")

    def move_to_bar(self, bar, words):
        press(self, (bar + 0.5) / len(BARS), 0.1)
        until(lambda: self.before.inner_text() == words, pause=lambda: self.context.clock.run_for(50))

    def told(self):
        """The words of both buttons, and what a screen reader hears of a copy."""
        heard = self.page.locator(".probe-noted")
        assert heard.get_attribute("role") == "status"
        return self.before.inner_text(), self.after.inner_text(), heard.inner_text()

    def copy(self, button, words):
        button.click()
        until(lambda: button.inner_text() == words, pause=lambda: self.page.wait_for_timeout(20))


def test_what_was_copied_is_told_for_a_while_and_then_the_color_again(app, browser):
    with CrossPage(browser, app.url) as page:
        said = page.page.locator(".probe-said").inner_text()
        red, seen, _ = page.told()
        page.copy(page.before, "#ff0000 copied")
        page.context.clock.run_for(1000)
        assert page.told() == ("#ff0000 copied", seen, "#ff0000 copied")
        page.copy(page.after, f"{seen[-7:]} copied")
        assert page.told() == (red, f"{seen[-7:]} copied", f"{seen[-7:]} copied")
        page.context.clock.run_for(1000)  # the first one's time is over
        assert page.told() == (red, f"{seen[-7:]} copied", f"{seen[-7:]} copied")
        page.context.clock.run_for(1000)
        assert page.told() == (red, seen, "")
        assert page.page.locator(".probe-said").inner_text() == said
        assert page.errors == []


def test_a_cross_that_moves_on_at_once_copies_the_new_color(app, browser):
    with CrossPage(browser, app.url) as page:
        page.copy(page.before, "#ff0000 copied")
        page.move_to_bar(3, "bright green #00ff00")
        assert page.told()[2] == ""
        page.copy(page.before, "#00ff00 copied")
        assert page.page.evaluate(CLIPBOARD) == "#00ff00"


@pytest.mark.parametrize("broken", [NO_CLIPBOARD, REFUSED], ids=["http", "refused"])
def test_a_color_is_copied_without_the_new_clipboard(app, browser, broken):
    with CrossPage(browser, app.url, broken) as page:
        page.copy(page.before, "#ff0000 copied")
        assert page.page.evaluate(CLIPBOARD) == "#ff0000"
        assert page.page.evaluate("document.activeElement.className") == "before"
        assert page.page.locator("body > textarea").count() == 0
        assert page.errors == []


def test_a_color_that_cannot_be_copied_is_not_told_as_copied(app, browser):
    with CrossPage(browser, app.url, REFUSED + NO_COPY) as page:
        page.copy(page.before, "#ff0000: this browser does not let the page copy it")
        assert page.told()[2] == "#ff0000: this browser does not let the page copy it"
        assert page.errors == []


def test_the_cross_on_live_video_tells_the_color_and_stays(browser, app):
    """On the card's bars, whose middles are of full color; read twice a second, and the name never changes."""
    with LivePage(browser, f"{app.url}/?filter=deutan&probe=true&input=test+card", clock=True) as page:
        page.start()
        press(page, 6.5 / len(BARS), 0.1)
        page.page.wait_for_function("document.querySelector('.probe-said').textContent.includes('blue')")
        said = {page.page.locator(".probe-said").inner_text()}
        for _ in range(8):
            page.pass_runs(1)
            said.add(page.page.locator(".probe-said").inner_text())
        assert len(said) == 1
        shown = page.pixels([(6.5 / len(BARS), 0.1)])[0]
        told = page.page.locator(".probe-told .after").inner_text()
        color = bytes.fromhex(re.search("#([0-9a-f]{6})", told)[1])
        assert np.abs(np.array(list(color)) - shown).max() <= 12


def test_live_video_through_a_vision_filter_is_what_the_model_says(browser, app):
    with LivePage(browser, f"{app.url}/?filter=tritan&input=test+card") as page:
        page.start()
        page.wait_for_frames(20)
        want = filter_image(BARS[np.newaxis], VISION["tritan"])[0].astype(int)
        points = [((bar + 0.5) / len(BARS), 0.1) for bar in range(len(BARS))]
        until(
            lambda: np.abs(np.array(page.pixels(points)) - want).max() <= 16,  # the first ones are coarse
            pause=lambda: page.wait_for_frames(3),
        )
        page.snapshot_button.click()
        _, data = page.download(page.page.locator(".st-key-download_1 button"))
        snapshot = read_picture(data)
        height, width = snapshot.shape[:2]
        seen = np.array([snapshot[int(y * height), int(x * width)] for x, y in points]).astype(int)
        assert np.abs(seen - want).max() <= 16


@pytest.mark.parametrize("width", [1280, 390])
def test_all_swatches_of_vision_are_whole_and_none_overlaps(browser, app, width):
    context = {"viewport": {"width": width, "height": 900}}
    with PhotoPage(browser, f"{app.url}/?mode=file&filter=protan", **context) as page:

        def boxes_of_swatches():
            labels = page.page.locator(".st-key-filter label[data-testid='stRadioOption']").all()
            boxes = [label.locator("p").bounding_box() for label in labels if label.is_visible()]
            return boxes if len(boxes) == len(VISION) else None

        boxes = until(boxes_of_swatches, pause=lambda: page.page.wait_for_timeout(100))
        for i, one in enumerate(boxes):
            assert one["x"] >= 0
            assert one["x"] + one["width"] <= width
            for other in boxes[i + 1 :]:
                apart = one["x"] + one["width"] <= other["x"] + 1 or other["x"] + other["width"] <= one["x"] + 1
                assert apart or one["y"] + one["height"] <= other["y"] + 1
