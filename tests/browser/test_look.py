"""How the page looks and is used: on a desk and on a phone, in light and dark, by keyboard alone."""

import pytest
from playwright.sync_api import expect

from colorfilter import PRESETS
from colorfilter.page.status import FIGURES_HELP
from tests.support.chromium import launch
from tests.support.look import SIZES, assert_fits_and_reads_well
from tests.support.page import LivePage
from tests.support.patience import until


def test_fits_and_reads_well_before_and_while_the_camera_runs(app, browser):
    """On a phone, in the dark: test_axe.py (make lighthouse) has all states at all widths."""
    with LivePage(browser, app.url, viewport=SIZES["phone"], color_scheme="dark") as live_page:
        assert_fits_and_reads_well(live_page.page, SIZES["phone"]["width"])
        live_page.start()
        live_page.wait_for_figures()
        assert_fits_and_reads_well(live_page.page, SIZES["phone"]["width"])


@pytest.mark.slow
def test_on_a_desk_the_selector_stands_beside_the_large_picture_on_a_phone_below_it(app, browser):
    for size, beside in (("desk", True), ("phone", False)):
        with LivePage(browser, app.url, viewport=SIZES[size]) as live_page:
            live_page.start()
            picture = live_page.video.bounding_box()
            selector = live_page.page.locator(".st-key-filter").bounding_box()
            assert (selector["x"] >= picture["x"] + picture["width"]) == beside
            assert (selector["y"] >= picture["y"] + picture["height"]) != beside
            assert picture["width"] > SIZES[size]["width"] * 0.6


def test_swatches_have_the_real_colors(live_page):
    swatches = live_page.page.locator(".st-key-filter label[data-testid=stRadioOption]:visible p").evaluate_all(
        "names => names.map(n => [n.innerText, getComputedStyle(n, '::before').backgroundColor])"
    )
    named = {name.lower(): color for name, color in swatches}
    assert list(named) == [*PRESETS, "custom"]
    for name, color_filter in PRESETS.items():
        assert named[name] == "rgb({}, {}, {})".format(*color_filter.color)


@pytest.mark.slow
def test_each_swatch_has_its_name_under_it_and_no_circle_beside_it(live_page):
    page = live_page.page
    for option in page.locator(".st-key-filter label[data-testid=stRadioOption]:visible").all():
        press, name = option.bounding_box(), option.locator("p")
        swatch, text, radius = name.evaluate(
            """name => {
              const range = document.createRange();
              range.selectNodeContents(name);
              const [box, text] = [name.getBoundingClientRect(), range.getBoundingClientRect()];
              const drawn = getComputedStyle(name, "::before");
              return [{ y: box.y, height: parseFloat(drawn.height), width: parseFloat(drawn.width) },
                { y: text.y, middle: text.x + text.width / 2 }, drawn.borderRadius];
            }"""
        )
        assert min(swatch["width"], swatch["height"]) >= 44, name.inner_text()
        assert text["y"] >= swatch["y"] + swatch["height"], name.inner_text()
        assert text["middle"] == pytest.approx(press["x"] + press["width"] / 2, abs=2), name.inner_text()
        assert radius == "50%"
        assert option.locator("> div > :visible").count() == 1, "the name alone"


@pytest.mark.slow
def test_the_figures_say_what_each_is_and_the_connection_check_is_below_all_buttons(live_page):
    live_page.start()
    live_page.wait_for_figures()
    page = live_page.page
    page.locator(".st-key-below").get_by_test_id("stTooltipHoverTarget").last.hover()
    page.get_by_role("tooltip").get_by_text(FIGURES_HELP).wait_for()
    for what in ("frames a second", "width and height", "milliseconds"):
        assert what in FIGURES_HELP
    buttons = page.locator(".st-key-actions button:visible, .st-key-filter label:visible").all()
    check = page.locator(".check-place").bounding_box()
    assert len(buttons) > 8
    assert check["y"] >= max(box["y"] + box["height"] for box in (button.bounding_box() for button in buttons))


def test_by_keyboard_alone(live_page):
    """Tab to the start button and press it, tab on to the selector and move through it."""
    page = live_page.page
    focused = "(document.activeElement.contentDocument || document).activeElement"

    def tab_to(what):
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate(f"{focused}.matches({what!r}) || {focused}.innerText === {what!r}"):
                return
        raise AssertionError(f"{what} cannot be reached with the Tab key")

    tab_to("Start camera")
    page.keyboard.press("Enter")
    live_page.video.wait_for()
    tab_to("input[type=radio]")
    page.keyboard.press("ArrowDown")
    page.get_by_text("Pink keeps red and blue and removes green.").wait_for()
    tab_to("input[type=range]")
    page.keyboard.press("Home")
    page.get_by_text("Pink keeps every color as it is.").wait_for()


REFUSALS = {
    "NotAllowedError": [
        "Camera refused: this page may not use it. Press the camera sign",
        "allow the browser to use it in the system's privacy settings.",
    ],
    "NotFoundError": ["No camera: none was found. Plug one in"],
    "NotReadableError": ["Camera busy: it is there but does not open. Close other programs"],
    "OverconstrainedError": ["No such camera: none gives such a picture. Choose another resolution"],
    "InvalidStateError": ["Page not in front: browsers open a camera only for a page that is seen."],
}


def test_a_camera_that_does_not_open_gets_a_sentence_that_says_what_to_do(app, browser):
    refuse = "MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException('raw', window.error));"
    with LivePage(browser, app.url, refuse) as live_page:
        for error, sentences in REFUSALS.items():
            live_page.frame().evaluate("error => { window.error = error; }", error)
            live_page.start_button.click()  # one may try again
            for sentence in sentences:
                live_page.streamer.get_by_text(sentence).wait_for()
            live_page.start_button.wait_for()


@pytest.mark.slow
def test_a_browser_that_truly_has_no_camera_and_one_that_truly_refuses(app, playwright):
    for args, sentence in (
        ((), "No camera: none was found."),
        (("--use-fake-device-for-media-stream", "--deny-permission-prompts"), "Camera refused: this page"),
    ):
        browser = launch(playwright, args=args, window=True)
        with LivePage(browser, app.url) as live_page:
            live_page.start_button.click()
            expect(live_page.streamer.locator("body")).to_contain_text(sentence)
        browser.close()


@pytest.mark.slow
def test_the_source_is_one_link_away(live_page):
    with live_page.context.expect_page() as opened:
        live_page.page.get_by_role("link", name="Source").click()
    opened.value.get_by_text("def filter_frame").wait_for()


@pytest.mark.slow
def test_open_settings_and_a_running_video_stay_as_they_are_whatever_is_chosen(app, browser):
    """What comes and goes on the page, a sentence and the color of one's own, moves nothing to another place of it."""
    with LivePage(browser, f"{app.url}/?filter=nonsense") as live_page:
        live_page.page.get_by_text("There is no filter called").wait_for()
        live_page.start()
        mirror = live_page.settings().get_by_text("Mirror", exact=True)
        for name in ("custom", "red"):
            live_page.choose(name)
            assert mirror.is_visible()
        assert live_page.page.get_by_text("There is no filter called").count() == 0
        live_page.wait_for_frames(3)
        assert live_page.frame().evaluate("window.connections") == 1


def test_choosing_updates_the_link_and_the_link_opens_what_was_chosen(live_page):
    page = live_page.page
    for name in [*PRESETS, "custom"]:
        live_page.choose(name)
        page.wait_for_url("**/" if name == "yellow" else f"**/?filter={name}")
    live_page.set("480p")
    page.wait_for_url("**/?filter=custom&resolution=480p")
    page.reload()
    page.get_by_text("Custom keeps red, dims green to 53 % and removes blue.").wait_for()
    checked = "() => [...document.querySelectorAll('input[type=radio]:checked')].map((radio) => radio.value)"
    until(lambda: page.evaluate(checked) == ["7", "0", "0"], 30, told=lambda: str(page.evaluate(checked)))
