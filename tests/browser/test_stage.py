"""The stage: the same place for the sample, the video and what is offered instead; used by mouse, finger and keys."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from colorfilter import PRESETS, filter_image
from colorfilter.stills import drawing
from tests.support.bars import assert_shows, expected
from tests.support.camera import bars_picture, write_y4m
from tests.support.chromium import FAKE_CAMERA, launch
from tests.support.look import assert_fits_and_reads_well
from tests.support.page import LivePage, PhotoPage
from tests.support.patience import PATIENCE, until

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1280, "height": 900}}
DESK_AND_PHONE = [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone", marks=pytest.mark.slow)]
YELLOW, PINK = PRESETS["yellow"].color, PRESETS["pink"].color
FINGER = 44  # pixels, the smallest side of what a finger presses (WCAG 2.5.5)
# In the streamer: answers that never arrive, as where a network lets nothing through.
SILENT = "RTCPeerConnection.prototype.setRemoteDescription = () => new Promise(() => {});"
SENTENCE = "File mode needs no live video"


def on_screen(live_page, selector):
    """What is on the screen in the place of an element, RGB uint8 at one pixel for each of the page's."""
    image = Image.open(io.BytesIO(live_page.page.screenshot(clip=box_of(live_page, selector), scale="css")))
    return np.asarray(image.convert("RGB")).astype(int)


def box_of(live_page, selector):
    return live_page.page.locator(selector).first.bounding_box()


def wait_until_still(live_page, count=1):
    """Wait until the still's pictures are on the screen, so many."""
    live_page.page.wait_for_function(
        """count => {
          const images = [...document.querySelectorAll('.st-key-still img')];
          return images.length === count && images.every((image) => image.complete && image.naturalWidth);
        }""",
        arg=count,
    )


def card_through(color, height, width):
    card = drawing.card(1280, 720)
    rows, columns = (np.arange(count) * side // count for count, side in ((height, 720), (width, 1280)))
    return filter_image(card, PRESETS[color])[rows][:, columns].astype(int)


@pytest.mark.parametrize("context", DESK_AND_PHONE)
def test_before_the_start_the_sample_is_seen_through_filter_and_view(app, browser, context):
    with LivePage(browser, app.url, **context) as live_page:
        wait_until_still(live_page)
        seen = on_screen(live_page, ".st-key-still")
        stage, start = box_of(live_page, ".st-key-stage"), live_page.start_button.bounding_box()
        assert stage["y"] <= start["y"]
        assert start["y"] + start["height"] <= stage["y"] + stage["height"] + 1
        assert live_page.page.get_by_text("Scope", exact=True).is_hidden()  # the settings are folded
        want = card_through("yellow", *seen.shape[:2])  # the default filter does something
        assert np.abs(seen - want).mean() < 3
        live_page.choose("pink")
        live_page.page.get_by_alt_text("The picture through the filter Pink").wait_for()
        live_page.see("compare")
        live_page.page.get_by_alt_text("The picture as it came").wait_for()
        wait_until_still(live_page, 2)
        seen = on_screen(live_page, ".st-key-still")
        middle = seen.shape[1] // 2
        beside = slice(0, seen.shape[0] // 3)  # above the line's knob
        for part, color in ((slice(0, middle - 10), "original"), (slice(middle + 10, None), "pink")):
            off = np.abs(seen - card_through(color, *seen.shape[:2]))[beside, part]
            assert off.mean() < 3
        live_page.see("all")
        live_page.page.get_by_alt_text("The picture through each of these filters").wait_for()
        assert live_page.cameras() == 0


@pytest.mark.slow
def test_a_link_to_the_original_shows_it(app, browser):
    with LivePage(browser, f"{app.url}/?filter=original") as live_page:
        live_page.page.get_by_text("Original keeps every color as it is.").wait_for()
        wait_until_still(live_page)
        seen = on_screen(live_page, ".st-key-still")
        assert np.abs(seen - card_through("original", *seen.shape[:2])).mean() < 3


# What the browser has seen move of these parts, or with them, if only for a frame. What stands below them makes room.
WATCH_MOVES = """parts => {
  window.moved = [];
  const touches = (node) => parts.some((part) => {
    const watched = document.querySelector(part);
    return watched?.contains(node) || node?.contains(watched);
  });
  new PerformanceObserver((list) => list.getEntries().flatMap(({ sources }) => sources)
    .filter(({ node }) => touches(node))
    .forEach(({ node, previousRect, currentRect }) => window.moved.push([node.className, previousRect, currentRect])))
    .observe({ type: "layout-shift" });
}"""


@pytest.mark.parametrize("context", DESK_AND_PHONE)
def test_nothing_moves_when_the_video_comes_or_ends(app, browser, context):
    parts = [".st-key-stage", ".st-key-filter", ".st-key-strength", ".st-key-view"]
    with LivePage(browser, app.url, **context) as live_page:
        before = [box_of(live_page, part) for part in parts]
        still = box_of(live_page, ".st-key-still img")
        live_page.page.evaluate(WATCH_MOVES, parts)
        live_page.start()
        live_page.wait_for_frames(10)
        assert [box_of(live_page, part) for part in parts] == before
        video = live_page.video.bounding_box()
        assert np.allclose([video[side] for side in still], list(still.values()), atol=1)
        live_page.stop_button.click()
        live_page.start_button.wait_for()
        assert [box_of(live_page, part) for part in parts] == before
        assert live_page.page.evaluate("window.moved") == []


def test_on_a_phone_picture_stop_colors_and_strength_are_seen_at_once(app, browser):
    with LivePage(browser, app.url, **PHONE) as live_page:
        live_page.start()
        live_page.wait_for_frames(5)
        assert live_page.page.evaluate("document.querySelector('.stMain').scrollTop") == 0
        swatches = live_page.page.locator(".st-key-filter label[data-testid=stRadioOption]:visible")
        assert swatches.count() == 8
        boxes = [swatch.bounding_box() for swatch in swatches.all()]
        assert all(min(box["width"], box["height"]) >= FINGER for box in boxes)
        stop, strength = live_page.stop_button.bounding_box(), box_of(live_page, ".st-key-strength")
        assert stop["height"] >= FINGER
        tops = [box["y"] for box in (live_page.video.bounding_box(), stop, boxes[0], strength)]
        assert tops == sorted(tops)
        for box in (*boxes, stop, strength):
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
            assert box["y"] + box["height"] <= 844
        swatches.nth(6).tap()
        assert_shows(live_page, expected(PRESETS["cyan"].color))


@pytest.mark.slow
def test_a_camera_held_upright_makes_the_stage_higher_and_it_is_so_at_the_next_visit(app, playwright, tmp_path):
    write_y4m(tmp_path / "upright.y4m", [bars_picture(480, 640)] * 2)
    browser = launch(playwright, camera=tmp_path / "upright.y4m")
    with LivePage(browser, app.url, **PHONE) as live_page:
        lying = box_of(live_page, ".st-key-still")
        assert lying["height"] < 358 * 9 / 16 + 1
        live_page.start()
        live_page.wait_for_frames(5)
        upright = box_of(live_page, ".st-key-still")
        assert upright["height"] > 1.5 * lying["height"]  # as high as leaves the strength on the screen
        strength = box_of(live_page, ".st-key-strength")
        assert strength["y"] + strength["height"] <= 844
        live_page.page.reload()
        live_page.start_button.wait_for()
        assert box_of(live_page, ".st-key-still") == upright
    browser.close()


@pytest.mark.slow
def test_the_chosen_swatch_has_a_ring_and_none_has_a_radio_circle(live_page):
    def rings():
        return live_page.page.locator(".st-key-filter label[data-testid=stRadioOption]:visible p").evaluate_all(
            "names => names.map(name => getComputedStyle(name, '::before').boxShadow !== 'none')"
        )

    assert rings() == [name == "yellow" for name in [*PRESETS, "custom"]]
    live_page.choose("custom")
    assert rings() == [False] * 7 + [True]
    circles = live_page.page.locator(".st-key-filter label[data-testid=stRadioOption]:visible > div > div:first-child")
    assert circles.count() == 8
    assert not any(circle.is_visible() for circle in circles.all())


class Finger:
    """One finger on the page's screen."""

    def __init__(self, live_page):
        self._session = live_page.context.new_cdp_session(live_page.page)

    def _touch(self, kind, *points):
        touches = [{"x": x, "y": y} for x, y in points]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def drag(self, *points):
        self._touch("touchStart", points[0])
        for point in points[1:]:
            self._touch("touchMove", point)
        self._touch("touchEnd")


def test_a_finger_drags_the_line_before_and_while_it_is_live(app, browser):
    with LivePage(browser, f"{app.url}/?view=compare&filter=pink&resolution=480p&mirror=false", **PHONE) as live_page:
        line = live_page.page.get_by_role("slider", name="Line between the original")
        assert line.bounding_box()["width"] >= FINGER
        box = box_of(live_page, ".compare-area")
        y = box["y"] + box["height"] / 4

        def drag(*shares):
            Finger(live_page).drag(*[(box["x"] + share * box["width"], y) for share in shares])

        drag(0.5, 0.4, 0.25)
        expect(line).to_have_attribute("aria-valuenow", "25")
        clip = live_page.page.locator(".st-key-still img").nth(1).evaluate("image => getComputedStyle(image).clipPath")
        assert clip == "inset(0px 0px 0px 25%)" or "* 0.25)" in clip
        live_page.start()
        original, pink = (expected(color, mirrored=False) for color in ((255, 255, 255), PINK))
        assert_shows(live_page, [*original[:2], *pink[2:]])
        drag(0.25, 0.4, 0.6, 0.75)
        assert_shows(live_page, [*original[:6], *pink[6:]])
        assert live_page.frame().evaluate("window.connections") == 1


@pytest.mark.slow
def test_a_finger_takes_a_tile_of_the_sample(app, browser):
    with LivePage(browser, f"{app.url}/?view=all+six", **PHONE) as live_page:
        live_page.page.locator(".st-key-tile_cyan button").wait_for(state="attached")
        box = box_of(live_page, ".st-key-sheet")
        live_page.page.touchscreen.tap(box["x"] + 5 / 6 * box["width"], box["y"] + 0.25 * box["height"])
        live_page.page.get_by_text("Blue keeps blue and removes red and green.").wait_for()
        live_page.page.wait_for_url("**/?filter=blue")
        assert "Session State" not in app.log()  # Streamlit's warning of what one widget sets of another


@pytest.mark.slow
def test_the_photo_is_downloaded_with_the_line_where_it_was_dragged(app, browser):
    with PhotoPage(browser, f"{app.url}/?mode=file&filter=cyan&view=compare") as page:
        line = page.page.get_by_role("slider", name="Line between the original")
        line.focus()
        line.press("Home")
        for _ in range(3):
            line.press("PageUp")
        expect(line).to_have_attribute("aria-valuenow", "30")
        card = drawing.card(1920, 1080)
        cyan = filter_image(card, PRESETS["cyan"])

        def is_as_dragged():  # the server hears of it a little later
            _, saved = page.download_picture()
            return np.array_equal(saved[:, :566], card[:, :566]) and np.array_equal(saved[:, 586:], cyan[:, 586:])

        until(is_as_dragged)


@pytest.mark.slow
def test_another_resolution_starts_the_stream_again_and_says_so(app, playwright):
    browser = launch(playwright, args=FAKE_CAMERA)  # Chromium's own camera, which has every size
    with LivePage(browser, f"{app.url}/?resolution=720p", clock=True) as live_page:
        live_page.start()
        live_page.wait_for_figures("1280 × 720")
        live_page.settings()
        bar = live_page.page.locator(".watch")
        for name, size in (("480p", [640, 480]), ("720p", [1280, 720])):
            live_page.set(name)
            bar.get_by_text(f"Starting again at {name}").wait_for()
            live_page.frame().wait_for_function(
                """size => { const video = document.querySelector("video");
                  return video && String([video.videoWidth, video.videoHeight]) === String(size); }""",
                arg=size,
            )
            live_page.wait_for_frames(5)
        expect(bar).to_be_empty()
        live_page.stop_button.click()
        live_page.start_button.wait_for()
        live_page.set("480p")  # and what is stopped stays so
        live_page.page.wait_for_url("**resolution=480p**")
        live_page.wait_until_at_rest()
        live_page.pass_looks(2)
        assert live_page.cameras_on() == 0
    browser.close()


USED = """() => window.connection.getSenders().map(({ track }) => track?.getSettings().deviceId).find(Boolean)"""


@pytest.mark.slow
def test_another_camera_is_taken_at_once_and_remembered(app, playwright):
    # The second of three fake cameras measures depth, and shows nothing in a video.
    args = ["--use-fake-device-for-media-stream=device-count=3", "--use-fake-ui-for-media-stream"]
    browser = launch(playwright, args=args, window=True)
    with LivePage(browser, app.url) as live_page:
        live_page.start()
        live_page.wait_for_frames(5)
        first = live_page.frame().evaluate(USED)
        live_page.settings()
        choice = live_page.page.locator(".camera-place select")
        choice.wait_for()
        ids = choice.locator("option").evaluate_all("options => options.map(({ value }) => value)")
        assert (len(ids), ids[0]) == (3, first)
        other = ids[2]
        choice.select_option(other)
        live_page.page.locator(".watch").get_by_text("Starting again with the other camera").wait_for()
        live_page.wait_for_another_connection()
        assert live_page.frame().evaluate(USED) == other
        live_page.page.reload()
        live_page.start()
        live_page.wait_for_frames(5)
        assert live_page.frame().evaluate(USED) == other
        live_page.page.evaluate("localStorage.setItem('colorfilter.camera', 'one that is gone')")
        live_page.page.reload()
        live_page.start()  # with any camera, and it is watched as the chosen one would be
        live_page.wait_for_frames(5)
        connections = live_page.frame().evaluate("window.connections")
        live_page.frame().evaluate("window.connection.close()")
        live_page.wait_for_another_connection(connections)
    browser.close()


NEW_NAMES = """const open = MediaDevices.prototype.getUserMedia;
MediaDevices.prototype.getUserMedia = function (constraints) {
  const gone = window.top.renamed && constraints.video.deviceId;
  return gone ? Promise.reject(new OverconstrainedError("deviceId")) : open.call(this, constraints);
};"""


def test_a_camera_that_has_a_new_name_is_opened_again(app, browser):
    """Browsers that give each visit, or each frame of a page, names of its own: the streamer demands the last one."""
    with LivePage(browser, app.url, NEW_NAMES) as live_page:
        live_page.start()
        live_page.wait_for_frames(5)
        live_page.stop_button.click()
        live_page.start_button.wait_for()
        live_page.page.evaluate("window.renamed = true")
        live_page.start()
        live_page.wait_for_frames(5)


def assert_file_mode_in_one_press(live_page, sentence):
    """It is offered on the stage, and keeps filter, view and place."""
    offer, stage = live_page.page.locator(".st-key-instead"), box_of(live_page, ".st-key-stage")
    offer.get_by_text(sentence).wait_for(timeout=20_000 * PATIENCE)
    place = offer.bounding_box()
    assert stage["y"] <= place["y"]
    assert place["y"] + place["height"] <= stage["y"] + stage["height"]
    assert_fits_and_reads_well(live_page.page, live_page.page.viewport_size["width"])
    offer.get_by_role("button", name="Use file mode").click()
    live_page.page.locator(".st-key-picture_from").wait_for()
    live_page.wait_until_at_rest()  # until then the sample of before is still there too
    live_page.page.get_by_alt_text("The picture as it came").wait_for()  # the view is still the comparison
    live_page.page.get_by_alt_text("The picture through the filter Cyan").wait_for()
    photo = box_of(live_page, ".st-key-stage")
    assert [photo[side] for side in ("x", "y", "width")] == [stage[side] for side in ("x", "y", "width")]


LINK = "/?filter=cyan&view=compare"


@pytest.mark.parametrize("context", DESK_AND_PHONE)
def test_who_has_no_camera_is_offered_file_mode(app, playwright, context):
    browser = launch(playwright, args=())
    with LivePage(browser, app.url + LINK, **context) as live_page:
        assert_file_mode_in_one_press(live_page, "No camera was found here.")
    browser.close()


@pytest.mark.slow
def test_a_page_without_https_offers_file_mode(app, playwright):
    browser = launch(playwright, args=[*FAKE_CAMERA, "--host-resolver-rules=MAP far.test 127.0.0.1"])
    with LivePage(browser, app.url.replace("127.0.0.1", "far.test") + LINK) as live_page:
        assert_file_mode_in_one_press(live_page, "only for pages served over https")
    browser.close()


def test_a_camera_that_does_not_open_offers_file_mode(app, browser):
    refuse = "MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException('raw', 'NotReadableError'));"
    with LivePage(browser, app.url + LINK, refuse) as live_page:
        live_page.start_button.click()
        assert_file_mode_in_one_press(live_page, "The camera does not open.")


@pytest.mark.slow
def test_a_check_that_fails_offers_file_mode(app, browser):
    with LivePage(browser, app.url + LINK, SILENT) as live_page:
        live_page.start_button.click()
        assert_file_mode_in_one_press(live_page, "Live video does not come through")


@pytest.mark.slow
def test_three_starts_without_a_picture_offer_file_mode(app, browser):
    with LivePage(browser, app.url + LINK, SILENT, clock=True) as live_page:
        live_page.start_button.click()
        given_up = live_page.page.locator(".watch").get_by_role("button", name="Start again")
        # The page's clock: it looks at the stream once a second.
        until(given_up.is_visible, pause=lambda: live_page.context.clock.run_for(1000))
        assert_file_mode_in_one_press(live_page, "Live video does not come through")


@pytest.mark.slow
def test_who_is_live_is_offered_nothing(live_page):
    live_page.start()
    live_page.wait_for_frames(40)
    assert not live_page.page.get_by_text(SENTENCE).is_visible()
