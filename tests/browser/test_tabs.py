"""A tab that is used again is as a new one, but for what the browser keeps of the page itself."""

from tests.support.page import DESK, LivePage

FOUND = """async () => [
  document.cookie.includes("left"), localStorage.getItem("left"), sessionStorage.getItem("left"),
  (await navigator.permissions.query({ name: "geolocation" })).state, navigator.onLine,
  innerWidth, matchMedia("(prefers-color-scheme: dark)").matches,
]"""


def test_what_a_test_leaves_is_gone(app, browser):
    with LivePage(browser, app.url, viewport={"width": 500, "height": 300}, color_scheme="dark") as first:
        first.context.grant_permissions(["geolocation"])
        first.page.evaluate("document.cookie = localStorage.left = sessionStorage.left = 'left=1'")
        first.context.new_page()
        assert first.page.evaluate(FOUND) == [True, "left=1", "left=1", "granted", True, 500, True]
        first.context.set_offline(True)
    with LivePage(browser, app.url) as second:
        assert second.page is first.page
        assert second.context.pages == [second.page]
        assert second.page.evaluate(FOUND) == [False, None, None, "prompt", True, DESK["width"], False]
    with LivePage(browser, app.url, "window.own = true") as third:
        assert third.page is not first.page
