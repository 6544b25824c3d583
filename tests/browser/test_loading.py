"""How the page loads: what is seen first, what comes over the wire, and what moves."""

import time

import pytest

from tests.support.page import STREAMER
from tests.support.patience import PATIENCE, until
from tests.support.server import Server

pytestmark = pytest.mark.slow

WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push(entry.value);
}).observe({ type: "layout-shift", buffered: true });
"""

DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def served():
    """The server as it is started, once it has compressed what the page loads."""
    with Server("serve", COLORFILTER_MAX_LIVE="50") as server:
        yield server


@pytest.fixture
def page(browser):
    context = browser.new_context(**DESK)
    context.add_init_script(WATCH_SHIFTS)
    yield context.new_page()
    context.close()


def record(page):
    """What is loaded from now on: the path of each script, and bytes with the headers, added up."""
    network, loaded = page.context.new_cdp_session(page), {"bytes": 0, "paths": []}
    network.send("Network.enable")
    network.on("Network.requestWillBeSent", lambda e: loaded["paths"].append(e["request"]["url"]))

    def finished(event):
        loaded["bytes"] += event["encodedDataLength"]

    network.on("Network.loadingFinished", finished)
    return loaded


def open_until_ready(page, url):
    """Open the page, and wait until the camera can be started."""
    page.goto(url)
    start = page.frame_locator(STREAMER).get_by_role("button", name="Start camera")
    start.wait_for()
    page.locator("html:not(.loading)").wait_for(state="attached")


def open_when_compressed(browser, server):
    """Open the page once, so that all that it loads is compressed, and wait for that."""

    def is_compressed():
        with browser.new_context() as context:
            page = context.new_page()
            loaded = record(page)
            open_until_ready(page, server.url)
            page.wait_for_load_state("networkidle")
        return loaded["bytes"] < 1_300_000

    until(is_compressed, seconds=120, pause=lambda: time.sleep(1))


def test_at_most_1300_kb_come_over_the_wire_and_no_script_is_asked_for_late(browser, served, page):
    open_when_compressed(browser, served)
    loaded = record(page)
    open_until_ready(page, served.url)
    page.wait_for_load_state("networkidle")
    assert 500_000 < loaded["bytes"] <= 1_300_000
    hinted = page.evaluate("[...document.querySelectorAll('link[rel=modulepreload]')].map((link) => link.href)")
    html = page.request.get(served.url).text()
    late = [path for path in loaded["paths"] if "/static/js/" in path and path.rpartition("/")[2] not in html]
    assert late == []
    assert len(hinted) > 50


def test_no_service_worker_keeps_what_it_should_not(served, page):
    open_until_ready(page, served.url)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("navigator.serviceWorker.getRegistrations()") == []
    assert page.context.service_workers == []


def test_the_frame_is_seen_before_any_script_has_come(served, page):
    page.route("**/static/js/*", lambda route: None)  # they never come
    page.goto(served.url, wait_until="commit")
    page.locator("#frame").get_by_text("Color Filter").wait_for()
    assert len(page.locator("#frame i").all()) == 8
    stage = page.locator("#frame .stage").bounding_box()
    assert stage["width"] > 640
    assert stage["height"] > 360
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_the_page_takes_the_frames_place_and_hardly_moves(browser, served, screen):
    places = {"svg": ".masthead img", ".stage": ".st-key-stage", ".colors": ".st-key-group"}
    with browser.new_context(**screen) as context:
        context.add_init_script(WATCH_SHIFTS)
        page = context.new_page()
        page.route("**/static/js/index.*", lambda route: route.abort())
        page.goto(served.url, wait_until="commit")
        frame = {name: page.locator(f"#frame {name}").first.bounding_box() for name in places}
        page.unroute("**/static/js/index.*")
        open_until_ready(page, served.url)
        page.wait_for_load_state("networkidle")
        assert not page.locator("#frame").is_visible()
        assert sum(page.evaluate("window.shifts")) < 0.05
        for name, own in places.items():
            theirs = page.locator(own).bounding_box()
            assert abs(theirs["x"] - frame[name]["x"]) <= 8, name
            assert abs(theirs["y"] - frame[name]["y"]) <= 24, name
        assert abs(page.locator(".st-key-stage").bounding_box()["width"] - frame[".stage"]["width"]) <= 16


def test_the_frame_has_the_dark_colors_in_the_dark(browser, served):
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.route("**/static/js/*", lambda route: None)
        page.goto(served.url, wait_until="commit")
        frame = page.locator("#frame")
        frame.wait_for()
        assert frame.evaluate("frame => getComputedStyle(frame).backgroundColor") == "rgb(20, 18, 31)"


def test_a_page_whose_component_never_loads_is_shown_all_the_same(served, page):
    page.route("**/component/**", lambda route: None)
    page.goto(served.url)
    page.locator(".st-key-filter").wait_for(timeout=15_000 * PATIENCE)
    assert page.evaluate("document.documentElement.className") == ""


def test_the_page_of_its_source_is_shown(served, page):
    page.goto(f"{served.url}/?source")
    page.get_by_text("streamlit_app.py", exact=True).wait_for()
    page.locator("html:not(.loading)").wait_for(state="attached", timeout=5000 * PATIENCE)
