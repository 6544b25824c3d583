"""The page in a browser's translation, with other words in place of ours, from right to left; and zoomed."""

import pytest

from tests.support.bars import assert_shows, expected
from tests.support.look import SIZES, assert_fits_and_reads_well
from tests.support.page import LivePage
from tests.support.patience import until
from tests.support.pictures import photo, saved

# As Chrome does: each text is replaced by two <font> elements with other words, those that come later too.
TRANSLATE = """() => {
  const left = "script, style, font, [translate=no], code";
  const isWords = (text) => /[a-z]{2}/i.test(text.data) && !text.parentElement.closest(left);
  const translate = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), found = [];
    while (walker.nextNode()) if (isWords(walker.currentNode)) found.push(walker.currentNode);
    for (const text of found) {
      const outer = document.createElement("font"), inner = document.createElement("font");
      inner.textContent = text.data.replace(/[a-z]+/gi, "كلمة");
      outer.append(inner);
      text.replaceWith(outer);
    }
  };
  document.documentElement.lang = "ar";
  document.documentElement.dir = "rtl";
  translate(document.body);
  new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((node) => {
    if (node.nodeType === Node.ELEMENT_NODE) translate(node);
  }))).observe(document.body, { childList: true, subtree: true });
}"""
CHOSEN = "() => [...document.querySelectorAll('.st-key-filter input')].findIndex((one) => one.checked)"
VIEW = (
    "() => [...document.querySelectorAll('.st-key-view [role=radio]')].findIndex((one) => one.ariaChecked === 'true')"
)
PASTE = """(bytes) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], "p.png", { type: "image/png" }));
  const kind = { clipboardData: transfer, bubbles: true, cancelable: true };
  document.body.dispatchEvent(new ClipboardEvent("paste", kind));
}"""


@pytest.fixture
def translated(app, browser):
    """A live page in translation; what React or a script of ours did not survive is in `errors`."""
    errors = []
    with LivePage(browser, app.url, on={"pageerror": lambda error: errors.append(str(error))}) as live_page:
        live_page.start()
        live_page.wait_for_figures()
        live_page.page.evaluate(TRANSLATE)
        assert live_page.page.locator("font").count() > 20
        yield live_page
        assert errors == []


def becomes(page, question, answer):
    until(lambda: page.evaluate(question) == answer, pause=lambda: page.wait_for_timeout(100))


@pytest.mark.slow
def test_keys_views_filters_and_a_pasted_picture_work_in_translation(translated):
    page = translated.page
    page.keyboard.press("5")
    becomes(page, CHOSEN, 4)
    assert_shows(translated, expected((255, 255, 0)))
    page.keyboard.press("c")
    becomes(page, VIEW, 1)
    page.keyboard.press("c")
    becomes(page, VIEW, 0)
    page.locator(".st-key-mode button").nth(1).click()
    page.locator(".st-key-picture_from").wait_for()
    page.evaluate(PASTE, list(saved(photo(40, 60))))
    page.get_by_text("60 × 40").wait_for()
    page.locator(".st-key-mode button").nth(0).click()
    translated.start_button.wait_for()
    translated.start()
    assert_shows(translated, expected((255, 255, 0)))


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_it_fits_from_right_to_left(app, browser, size):
    with LivePage(browser, app.url, viewport=SIZES[size]) as live_page:
        live_page.page.evaluate(TRANSLATE)
        for button in (0, 1):
            live_page.page.locator(".st-key-mode button").nth(button).click()
            live_page.wait_until_at_rest()
            assert_fits_and_reads_well(live_page.page, SIZES[size]["width"])


@pytest.mark.slow
def test_it_fits_at_twice_the_size(app, browser):
    """A zoom of 200 % of a desktop's page: half the width for the layout, twice the pixels."""
    with LivePage(browser, app.url, viewport={"width": 640, "height": 450}, device_scale_factor=2) as live_page:
        assert_fits_and_reads_well(live_page.page, 640)
        live_page.start()
        for view in ("compare", "all", "filter"):
            live_page.see(view)
            live_page.wait_until_at_rest()
            assert_fits_and_reads_well(live_page.page, 640)
