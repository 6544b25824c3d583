"""Sharing: the link, its QR code, and the browser's share sheet."""

import cv2
import numpy as np
import pytest

from tests.support.look import assert_fits_and_reads_well
from tests.support.page import LivePage

pytestmark = pytest.mark.slow

# The sheet belongs to the system, and a browser without a screen has none.
SHARE_SHEET = """
navigator.share = async (what) => { window.shared = what; };
navigator.canShare = ({ files }) => window.takesFiles && files.every((file) => file.size > 1000);
"""
MEAN_COLOR = """async () => {
  const picture = await createImageBitmap(window.shared.files[0]);
  const canvas = new OffscreenCanvas(picture.width, picture.height), context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, picture.width, picture.height);
  const of = (channel) => data.filter((_, i) => i % 4 === channel);
  return [0, 1, 2].map((channel) => of(channel).reduce((a, b) => a + b, 0) * 4 / data.length);
}"""
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


def scan(code):
    """What a phone's camera reads from the code on the screen."""
    picture = cv2.imdecode(np.frombuffer(code.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    words, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    return words


@pytest.mark.parametrize(("size", "scheme"), [("desk", "dark"), ("phone", "light")])
def test_link_code_and_share_sheet_all_say_what_is_seen(app, browser, size, scheme):
    with LivePage(browser, app.url, SHARE_SHEET, viewport=SIZES[size], color_scheme=scheme) as page:
        page.choose("cyan")
        size_of_stage = "[document.querySelector('.st-key-stage')].map((it) => [it.clientWidth, it.clientHeight])[0]"
        stage = page.page.evaluate(size_of_stage)
        page.page.get_by_role("button", name="Share").click()
        code = page.page.get_by_alt_text("A QR code of the link")
        code.wait_for()
        assert page.page.evaluate(size_of_stage) == stage
        link = page.page.locator(".stCode code").inner_text().strip()
        assert link == f"{app.url}?filter=cyan"
        assert scan(code) == link
        assert_fits_and_reads_well(page.page, SIZES[size]["width"])
        page.page.get_by_role("button", name="Send the link").click()
        page.page.wait_for_function("window.shared")
        assert page.page.evaluate("window.shared") == {"title": "Color Filter", "url": link}
        page.page.keyboard.press("Escape")
        code.wait_for(state="detached")
        page.page.evaluate("window.takesFiles = true")
        page.page.get_by_role("button", name="Share").click()
        page.page.get_by_role("button", name="Send the link and the picture").click()
        page.page.wait_for_function("window.shared.files")
        assert page.page.evaluate("window.shared.url") == link
        assert page.page.evaluate("window.shared.files[0].type").startswith("image/")
        red, green, blue = page.page.evaluate(MEAN_COLOR)
        assert red <= 8  # which cyan removes
        assert min(green, blue) >= 50
        page.page.goto(link)
        page.page.get_by_text("Cyan keeps green and blue and removes red.").wait_for()


def test_a_browser_without_a_share_sheet_is_offered_none(app, browser):
    with LivePage(browser, app.url, "Object.defineProperty(navigator, 'share', { value: undefined });") as page:
        page.page.get_by_role("button", name="Share").click()
        page.page.get_by_alt_text("A QR code of the link").wait_for()
        assert page.page.get_by_role("button", name="Send the link").count() == 0
