"""The page where what the server sends is long under way."""

import pytest

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
            before = page.evaluate("window.arrived.length")
            press()
            page.wait_for_function(ANSWERED, arg=before)
        page.evaluate("window.letGo()")
        live_page.choose("green")  # the page still hears and is heard
        live_page.start_button.wait_for()
