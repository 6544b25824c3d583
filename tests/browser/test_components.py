"""The page's own components end with their elements, are there again with them, and outlive a streamer that changed."""

import pytest

from tests.support.page import LivePage

OFFERED = "Object.keys(window.colorFilter)"


def test_what_leaves_the_page_offers_nothing_and_does_again_when_it_comes_back(live_page):
    page = live_page.page
    page.wait_for_function("window.colorFilter?.connectionCheck && window.colorFilter.cameraChoice")
    lasting = set(page.evaluate(OFFERED)) - {"connectionCheck", "cameraChoice"}
    assert {"streamerDocument", "reconnecting", "stageShape", "booth", "fullScreen", "keys"} <= lasting
    live_page.switch_to("file")
    page.wait_for_function("window.colorFilter.paste && !window.colorFilter.connectionCheck")
    assert set(page.evaluate(OFFERED)) == lasting | {"paste"}
    live_page.switch_to("live")
    page.wait_for_function("window.colorFilter.connectionCheck && !window.colorFilter.paste")
    page.wait_for_function("window.colorFilter.cameraChoice")
    assert set(page.evaluate(OFFERED)) == lasting | {"connectionCheck", "cameraChoice"}
    live_page.start()
    live_page.wait_for_frames(5)
    page.locator(".check li.yes").first.wait_for(state="attached")


# As if another version of the streamer had a class of its own, in a place that cannot be replaced.
CHANGED = """
if (window !== window.top) {
  const RTCPeerConnection = window.RTCPeerConnection;
  Object.defineProperty(window, "RTCPeerConnection", { get: () => RTCPeerConnection });
}
"""


@pytest.mark.slow
def test_the_page_goes_on_without_the_step_that_a_changed_streamer_fails(app, browser):
    said = []
    with LivePage(browser, app.url, CHANGED, on={"console": lambda one: said.append(one.text)}) as live_page:
        live_page.start()
        live_page.wait_for_frames(10)
        live_page.choose("red")
        live_page.stop_button.click()
        live_page.start_button.wait_for()
    [told] = {one for one in said if "The streamer has changed" in one}
    assert "watchConnections: TypeError" in told
    assert told.count("Error") == 1
