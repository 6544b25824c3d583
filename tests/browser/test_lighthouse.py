"""What Lighthouse says of the page, what axe says of each of its states, and the page on a thin line."""

import time

import pytest
from axe_core_python.sync_playwright import Axe

from tests.support.bottleneck import Bottleneck, Line
from tests.support.chromium import launch
from tests.support.lighthouse import faults, lighthouse
from tests.support.page import STREAMER
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
    assert report["categories"]["performance"]["score"] >= 0.8
    assert audits["first-contentful-paint"]["numericValue"] <= 1500
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
            page.wait_for_timeout(300)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert violations(page) == [], width


def violations(page):
    """What axe finds: rule, place and words of each, but for what stands in Streamlit's own list of uploaded files."""
    found = [(v["id"], node) for v in Axe().run(page)["violations"] for node in v["nodes"]]
    own = "selector => !!document.querySelector(selector)?.closest('[data-testid=stFileUploader]')"
    return [
        (rule, node["target"], node["failureSummary"])
        for rule, node in found
        if not (rule == "presentation-role-conflict" and page.evaluate(own, node["target"][0]))
    ]


def open_until_ready(browser, url):
    """Open the page in a new context; the seconds until the camera could be started."""
    with browser.new_context() as context:
        page = context.new_page()
        began = time.monotonic()
        page.goto(url, wait_until="commit")
        page.frame_locator(STREAMER).get_by_role("button", name="Start camera").wait_for()
        page.locator("html:not(.loading)").wait_for(state="attached")
        return time.monotonic() - began


def test_on_a_megabit_the_page_is_ready_within_13_seconds(playwright, tmp_path):
    """Without TLS, where browsers accept gzip alone."""
    with Bottleneck(Line("1M", delay_s=0.025)) as line, Server("serve", place=line.app) as server:
        args = [f"--unsafely-treat-insecure-origin-as-secure={server.url}"]
        browser = launch(playwright, through=line.viewer.starter(tmp_path), args=args)
        open_until_ready(browser, server.url)  # on the easy line, so that all is compressed
        time.sleep(TEN_SECONDS)
        line.start()
        ready = open_until_ready(browser, server.url)
        browser.close()
    print(f"ready after {ready:.1f} s on 1 Mbit/s")
    assert ready < 13
