"""The page's keys, with the keyboard's focus here and there, and where they do nothing."""

import re

import pytest

from tests.support.booth import BoothPage
from tests.support.look import SIZES, assert_fits_and_reads_well
from tests.support.page import SENT, LivePage
from tests.support.patience import until

pytestmark = pytest.mark.slow

NAMES = ["original", "red", "green", "blue", "yellow", "pink", "cyan", "custom"]
KEY_LIST = "dialog.keys"


@pytest.fixture
def booth(app, browser):
    with BoothPage(browser, app.url) as page:
        yield page


def wait_for_filter(page, name):
    page.page.get_by_text(re.compile(f"^{name.capitalize()} (keeps|dims|removes) ")).wait_for()


def comes_to_compare(page):
    """One more key, and what it does: what the keys before it did has happened by then."""
    page.page.keyboard.press("c")
    page.page.wait_for_url(re.compile("view=compare"))


def sent(page):
    """How many messages the page has sent to the server."""
    return page.page.evaluate("window.sent.length")


def recording(page):
    return page.page.locator(".recording")


def test_1_to_8_choose_the_filters_in_the_order_of_the_swatches(booth):
    for key, name in reversed(list(enumerate(NAMES, 1))):
        booth.press(str(key))
        wait_for_filter(booth, name)
    booth.page.locator(".st-key-group").get_by_text("Vision", exact=True).click()
    booth.page.get_by_text(re.compile("^Protan shows ")).wait_for()
    booth.press("3")
    booth.page.get_by_text(re.compile("^Tritan shows ")).wait_for()
    booth.press("8")  # there are fewer
    comes_to_compare(booth)
    assert "filter=tritan" in booth.page.url


def test_every_key_while_the_focus_is_in_the_picture_and_on_a_swatch(booth):
    page = booth.page
    booth.start_button.focus()
    booth.press("Enter")
    booth.video.wait_for()
    booth.wait_for_frames(10)
    booth.stop_button.focus()  # in the streamer's own document
    booth.press("2")
    wait_for_filter(booth, "red")
    booth.choose("green")  # the swatch has the focus, by the mouse
    booth.press("c")
    page.wait_for_url(re.compile("view=compare"))
    booth.press("C")  # with the capitals' lock
    page.wait_for_url(re.compile("^((?!view=).)*$"))
    booth.press("s")
    booth.wait_for_prints(1)
    booth.press("r")
    recording(booth).wait_for()
    page.wait_for_timeout(200)  # sooner it counts as the same press
    booth.press("r")
    recording(booth).wait_for(state="detached")
    booth.press("Space")
    booth.start_button.wait_for()
    assert booth.frame().evaluate("window.watched.wanted") is False
    booth.start_button.click(trial=True)  # once it can be pressed
    booth.press("Space")
    booth.wait_for_another_connection()
    assert booth.frame().evaluate("window.watched.wanted") is True  # so it starts by itself again if it dies


def test_space_presses_a_button_that_has_the_focus_and_nothing_else(booth):
    booth.start_button.focus()
    booth.press("Space")
    booth.video.wait_for()
    booth.wait_for_frames(10)
    booth.snapshot_button.focus()
    booth.press("Space")
    booth.wait_for_prints(1)
    booth.page.locator(".st-key-filter input").first.focus()
    booth.press("ArrowRight", "Space")  # chosen with the keyboard
    wait_for_filter(booth, "red")
    assert booth.stop_button.count() == 1
    booth.stop_button.focus()
    booth.press("Space")
    booth.start_button.wait_for()
    comes_to_compare(booth)
    assert booth.start_button.count() == 1
    assert booth.frame().evaluate("window.connections") == 1
    assert booth.prints.count() == 1


def test_they_do_nothing_with_a_modifier_or_while_they_repeat_or_where_somebody_types(booth):
    page = booth.page
    booth.press("8")
    wait_for_filter(booth, "custom")
    page.wait_for_url(re.compile("filter=custom"))
    before = page.url
    page.get_by_role("button", name="Color color picker").click()
    field = page.get_by_test_id("stColorPickerPopover").locator("input").first
    field.press("Control+A")
    field.press("1")
    field.press("c")
    assert field.input_value().lower() == "1c"
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('h1').append(document.createElement('input'))")  # in no dialog
    page.locator("h1 input").press_sequentially("1c")
    assert page.locator("h1 input").input_value() == "1c"
    page.locator("h1 input").evaluate("field => field.remove()")
    page.locator("h1").click()
    booth.press("Control+1", "Alt+2", "Shift+C", "Meta+3")
    page.keyboard.down("c")  # compares
    page.wait_for_url(re.compile("view=compare"))
    assert page.url == f"{before}&view=compare"
    for _ in range(3):
        page.keyboard.down("c")  # repeats
    page.keyboard.up("c")
    booth.press("c")
    page.wait_for_url(before)


def test_streamlits_own_key_r_does_not_run_the_page_again(app, browser):
    with BoothPage(browser, app.url, SENT) as booth:
        booth.page.locator("h1").click()
        before = sent(booth)
        booth.press("r")
        assert sent(booth) == before
        booth.page.evaluate("window.colorFilter.keys.mounted.abort()")
        booth.press("r")  # without ours it would
        until(lambda: sent(booth) > before, pause=lambda: booth.page.wait_for_timeout(20))
        booth.wait_until_at_rest()
        assert sent(booth) == before + 1  # the first sent nothing late either


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_of_keys_opens_on_its_key_and_its_button_and_reads_well(app, browser, scheme):
    with LivePage(browser, app.url, SENT, color_scheme=scheme) as page:
        keys = page.page.locator(KEY_LIST)
        page.page.keyboard.press("?")
        keys.wait_for()
        for key in ("1 … 8", "C", "S", "R", "F", "Space", "Ctrl V", "?"):
            assert keys.locator("kbd", has_text=re.compile(f"^{re.escape(key)}$")).count() == 1
        assert_fits_and_reads_well(page.page, SIZES["desk"]["width"])
        before = sent(page)
        page.page.keyboard.press("c")
        assert sent(page) == before
        page.page.keyboard.press("Escape")
        keys.wait_for(state="hidden")
        comes_to_compare(page)  # by the first that counts: with a second it would no longer
        page.wait_until_at_rest()
        assert "view=compare" in page.page.url
        page.page.get_by_role("button", name="Keys", exact=True).click()
        keys.wait_for()
        keys.get_by_role("button", name="Close").click()
        keys.wait_for(state="hidden")


def test_a_phone_gets_no_key_hints(app, browser):
    """An emulated one: its pointer is coarse, and nothing hovers."""
    hint = """() => [...document.querySelectorAll("button")].filter((button) => button.checkVisibility()
      && !["none", "normal", ""].includes(getComputedStyle(button, "::after").content)).length"""
    for touch, hints in ((True, 0), (False, 3)):
        size = {"width": 390, "height": 844}
        with LivePage(browser, app.url, viewport=size, is_mobile=touch, has_touch=touch) as page:
            page.start()
            page.snapshot_button.wait_for()
            page.wait_until_at_rest()
            assert page.page.evaluate(hint) == hints
            assert page.page.get_by_role("button", name="Keys", exact=True).is_visible() == (not touch)
            assert page.page.locator("kbd:visible").count() == 0
