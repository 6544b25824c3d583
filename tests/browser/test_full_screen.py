"""Full screen: the stage, and the colors as a bar under it."""

import pytest

from tests.support.bars import assert_shows, expected
from tests.support.booth import BoothPage
from tests.support.look import assert_fits_and_reads_well
from tests.support.patience import until

pytestmark = pytest.mark.slow

SIZES = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
# An iPhone's browser has no full screen for anything but a video.
NO_FULL_SCREEN = "Object.defineProperty(Document.prototype, 'fullscreenEnabled', { value: false });"


def is_full(page):
    """Whether the browser shows the page full screen, and whether the page shows the stage alone."""
    return page.page.evaluate("[!!document.fullscreenElement, document.body.classList.contains('full-screen')]")


def wait_until_full(page, full, api=True):
    """Wait until the page shows the stage alone, and the browser, if it can, the page full screen; or neither."""
    until(lambda: is_full(page) == [full and api, full], pause=lambda: page.page.wait_for_timeout(50))


def boxes(page):
    return [page.page.locator(f".st-key-{key}").bounding_box() for key in ("stage", "filter", "actions")]


@pytest.mark.parametrize("api", [True, False])
@pytest.mark.parametrize("size", SIZES)
def test_the_stage_and_the_colors_alone(app, browser, size, api):
    screen = SIZES[size]
    with BoothPage(browser, f"{app.url}/?resolution=480p", "" if api else NO_FULL_SCREEN, viewport=screen) as page:
        page.start()
        page.wait_for_frames(5)
        page.page.get_by_role("button", name="Full screen", exact=True).click()
        wait_until_full(page, True, api)
        stage, colors, actions = boxes(page)
        assert (stage["x"], stage["y"], stage["width"]) == (0, 0, screen["width"])
        assert stage["height"] >= 0.75 * screen["height"]
        assert page.stop_button.bounding_box()["x"] >= 8
        for bar in (colors, actions):
            assert bar["x"] >= 0
            assert bar["x"] + bar["width"] <= screen["width"]
            assert stage["height"] <= bar["y"] < bar["y"] + bar["height"] <= screen["height"]
        swatches = page.page.locator(".st-key-filter label[data-testid=stRadioOption]").filter(visible=True)
        assert swatches.count() == 8
        for swatch in swatches.all():
            box = swatch.bounding_box()
            assert min(box["width"], box["height"]) >= 44
        assert page.page.get_by_role("heading", name="Color Filter").count() == 0  # not for screen readers either
        assert_fits_and_reads_well(page.page, screen["width"])
        swatches.nth(1).click()
        assert_shows(page, expected((255, 0, 0)))
        page.snapshot_button.click()
        page.streamer.locator(".booth.print").wait_for()
        page.page.get_by_role("button", name="Leave full screen").click()
        wait_until_full(page, False)
        assert page.frame().evaluate("window.connections") == 1
        page.page.get_by_role("heading", name="Color Filter").wait_for()


def test_f_enters_and_leaves_and_so_does_the_browsers_own_way_out(app, browser):
    with BoothPage(browser, app.url) as page:
        before = boxes(page)[0]
        page.press("f")
        wait_until_full(page, True)
        page.press("f")
        wait_until_full(page, False)
        page.start_button.focus()  # in the streamer's document
        page.press("f")
        wait_until_full(page, True)
        page.page.evaluate("document.exitFullscreen()")
        wait_until_full(page, False)
        assert boxes(page)[0] == before


def test_escape_leaves_where_the_browser_has_no_full_screen(app, browser):
    with BoothPage(browser, app.url, NO_FULL_SCREEN) as page:
        page.press("f")
        wait_until_full(page, True, api=False)
        page.press("Escape")
        wait_until_full(page, False)


def test_the_keyboards_focus_goes_from_one_button_to_the_other(app, browser):
    focused = "document.activeElement.textContent.trim()"
    with BoothPage(browser, app.url) as page:
        page.page.get_by_role("button", name="Full screen", exact=True).focus()
        page.press("Enter")
        wait_until_full(page, True)
        page.page.wait_for_function(f"{focused}.includes('Leave full screen')")
        page.press("Enter")
        wait_until_full(page, False)
        page.page.wait_for_function(f"{focused}.endsWith('Full screen')")
