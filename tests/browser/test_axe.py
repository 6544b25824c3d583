"""What axe finds in each of the page's states, on a desktop and a phone, in light and dark: nothing."""

import pytest

from tests.support.look import VIOLATIONS, axe_violations, seen_at_rest
from tests.support.states import SCHEMES, STATES, WIDTHS, StatesOf

pytestmark = [pytest.mark.lighthouse, pytest.mark.timeout(300)]

BACKGROUND_IS_OF_THE_SCHEME = """scheme => {
  const color = getComputedStyle(document.querySelector(".stApp")).backgroundColor;
  return (Math.max(...color.match(/[0-9]+/g).slice(0, 3)) < 128) === (scheme === "dark");
}"""


@pytest.fixture(scope="module")
def states(browser):
    with StatesOf(browser) as states:
        yield states


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(states, state):
    """In dark after the page has been light, as when a system changes with the time of day."""
    with states.open(state, color_scheme="light") as page:
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.wait_for_function(BACKGROUND_IS_OF_THE_SCHEME, arg=scheme)
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                wide = "document.documentElement.scrollWidth"
                assert seen_at_rest(page, lambda: page.evaluate(wide) > width) is False  # noqa: B023 (called here)
                assert seen_at_rest(page, lambda: violations(page)) == [], (scheme, width)


def violations(page):
    """What axe finds: rule, place and words of each, but for what stands in Streamlit's own list of uploaded files."""
    found = [(v["id"], node) for v in axe_violations(page, VIOLATIONS) for node in v["nodes"]]
    own = "selector => !!document.querySelector(selector)?.closest('[data-testid=stFileUploader]')"
    return [
        (rule, node["target"], node["failureSummary"])
        for rule, node in found
        if not (rule == "presentation-role-conflict" and page.evaluate(own, node["target"][0]))
    ]
