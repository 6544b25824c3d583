"""The page where what the server sends is long under way."""

import pytest

from colorfilter import VISION
from tests.support.page import LivePage

# What the server sends is kept from the page for as long as `window.held` says, and then comes one after the other.
HELD = """
window.arrived = [];
window.held = Promise.resolve();
window.hold = () => { window.held = new Promise((resolve) => (window.letGo = resolve)); };
let before = Promise.resolve();
window.WebSocket = class extends WebSocket {
  addEventListener(kind, listener, ...options) {
    super.addEventListener(kind, kind !== "message" ? listener : (event) => {
      window.arrived.push(performance.now());
      before = Promise.all([before, window.held]).then(() => new Promise((next) => setTimeout(next)));
      before.then(() => listener(event));
    }, ...options);
  }
};
"""
ANSWERED = "before => window.arrived.length > before && performance.now() - window.arrived.at(-1) > 500"


def press_unheard(page, press):
    """Press what is answered, of which the page has not heard yet at the next press."""
    before = page.evaluate("window.arrived.length")
    press()
    page.wait_for_function(ANSWERED, arg=before)


@pytest.mark.slow
def test_presses_faster_than_the_line(app, browser):
    """The last press wants back what the page forgets once it hears of the others."""
    with LivePage(browser, app.url, HELD) as live_page:
        page = live_page.page
        mode = page.locator(".st-key-mode")
        page.evaluate("window.hold()")
        for press in (
            lambda: mode.get_by_text("file", exact=True).click(),
            lambda: page.keyboard.press("2"),
            lambda: page.keyboard.press("3"),
            lambda: mode.get_by_text("live", exact=True).click(),
        ):
            press_unheard(page, press)
        page.evaluate("window.letGo()")
        live_page.choose("green")  # the page still hears and is heard
        live_page.start_button.wait_for()


@pytest.mark.slow
def test_a_group_stays_though_the_next_press_still_names_the_filter_before(app, browser):
    with LivePage(browser, f"{app.url}/?filter=cyan", HELD) as live_page:
        page = live_page.page
        page.evaluate("window.hold()")
        press_unheard(page, page.locator(".st-key-group").get_by_text("Vision", exact=True).click)
        press_unheard(page, lambda: page.get_by_role("slider", name="Strength").press("ArrowLeft"))
        page.evaluate("window.letGo()")
        page.wait_for_function("['filter=protan', 'strength=95'].every((one) => location.search.includes(one))")
        live_page.wait_until_at_rest()
        page.get_by_text(VISION["protan"].at_strength(0.95).describe()).wait_for()
