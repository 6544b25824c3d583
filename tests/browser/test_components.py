"""The page's own components end with their elements, and are there again with them."""

OFFERED = "Object.keys(window.colorFilter)"


def test_what_leaves_the_page_offers_nothing_and_does_again_when_it_comes_back(live_page):
    page = live_page.page
    page.wait_for_function("window.colorFilter?.connectionCheck && window.colorFilter.cameraChoice")
    lasting = set(page.evaluate(OFFERED)) - {"connectionCheck", "cameraChoice"}
    assert {"streamerDocument", "reconnecting", "stageShape", "booth", "fullScreen", "keys"} <= lasting
    live_page.switch_to("photo")
    page.wait_for_function("window.colorFilter.paste && !window.colorFilter.connectionCheck")
    assert set(page.evaluate(OFFERED)) == lasting | {"paste"}
    live_page.switch_to("live")
    page.wait_for_function("window.colorFilter.connectionCheck && !window.colorFilter.paste")
    page.wait_for_function("window.colorFilter.cameraChoice")
    assert set(page.evaluate(OFFERED)) == lasting | {"connectionCheck", "cameraChoice"}
    live_page.start()
    live_page.wait_for_frames(5)
    page.locator(".check li.yes").first.wait_for(state="attached")
