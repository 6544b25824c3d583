"""What Lighthouse says of the page, but for its times (`python -m bench loading`), and axe of each of its states."""

import time

import pytest
from axe_core_python.sync_playwright import Axe

from tests.support.lighthouse import faults, lighthouse
from tests.support.look import seen_at_rest
from tests.support.server import Server
from tests.support.states import SCHEMES, STATES, WIDTHS, StatesOf

pytestmark = [pytest.mark.lighthouse, pytest.mark.timeout(300)]

TEN_SECONDS = 10


@pytest.fixture(scope="module")
def served():
    with Server("serve") as server:
        time.sleep(TEN_SECONDS)  # in which it compresses what the page loads
        yield server


@pytest.fixture(scope="module")
def report(playwright, served, tmp_path_factory):
    lighthouse(playwright, served.url, tmp_path_factory.mktemp("first"))  # the component's scripts are compressed then
    time.sleep(TEN_SECONDS / 2)
    return lighthouse(playwright, served.url, tmp_path_factory.mktemp("second"))


def test_loading(report):
    audits = report["audits"]
    assert audits["total-byte-weight"]["numericValue"] <= 1_300_000
    assert audits["cumulative-layout-shift"]["numericValue"] < 0.05


def test_accessibility_and_best_practices(report):
    assert faults(report, "accessibility") == []
    assert report["categories"]["accessibility"]["score"] == 1
    assert faults(report, "best-practices") == []
    assert report["categories"]["best-practices"]["score"] >= 0.95


@pytest.fixture(scope="module")
def states(browser):
    with StatesOf(browser) as states:
        yield states


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(states, state, scheme):
    with states.open(state, color_scheme=scheme) as page:
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            wide = "document.documentElement.scrollWidth"
            assert seen_at_rest(page, lambda: page.evaluate(wide) > width) is False  # noqa: B023 (it is called here)
            assert seen_at_rest(page, lambda: violations(page)) == [], width


def violations(page):
    """What axe finds: rule, place and words of each, but for what stands in Streamlit's own list of uploaded files."""
    found = [(v["id"], node) for v in Axe().run(page)["violations"] for node in v["nodes"]]
    own = "selector => !!document.querySelector(selector)?.closest('[data-testid=stFileUploader]')"
    return [
        (rule, node["target"], node["failureSummary"])
        for rule, node in found
        if not (rule == "presentation-role-conflict" and page.evaluate(own, node["target"][0]))
    ]
