"""The section for learners, in file mode and beside live video: it opens, and shows what it should."""

import inspect

import numpy as np
import pytest

from colorfilter import PRESETS
from colorfilter.filters import multiply
from colorfilter.stills.decode import read_picture
from tests.support.lesson import LIGHTS, at
from tests.support.look import SIZES, assert_fits_and_reads_well
from tests.support.page import LivePage, PhotoPage
from tests.support.patience import until

HUES = {0: "red", 60: "yellow", 120: "green", 180: "cyan", 240: "blue", 300: "pink"}


def open_section(page):
    page.get_by_text("Learn: light, channels, filters and eyes").click()
    page.get_by_text("def lookup_table").wait_for()


def assert_on_screen(page, alt, want, levels):
    """The picture of that description has those colors, ((share, degrees), RGB), once the page has come to rest."""
    image = page.get_by_alt_text(alt)
    image.evaluate("image => image.decode()")

    def off():
        seen = read_picture(image.screenshot())
        return [np.abs(np.array(at(seen, *place)) - color).max() for place, color in want]

    until(lambda: max(off()) <= levels, pause=lambda: page.wait_for_timeout(200), told=lambda: f"{alt}: off by {off()}")


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), pytest.param("phone", "dark", marks=pytest.mark.slow)])
def test_the_pictures_and_the_code(app, browser, size, scheme):
    with PhotoPage(browser, f"{app.url}/?mode=file", viewport=SIZES[size], color_scheme=scheme) as photo_page:
        page = photo_page.page
        open_section(page)
        lights = [(place, PRESETS[name].color) for name, place in LIGHTS.items()]
        assert_on_screen(page, "Three discs of light overlap", lights, 2)
        for color_filter in PRESETS.values():
            halfway_to_white = [
                ((0.25, degrees), (255 + np.array(PRESETS[hue].color)) / 2 * color_filter.color / 255)
                for degrees, hue in HUES.items()
            ]
            alt = f"The color wheel through a filter: {color_filter.describe()}"
            assert_on_screen(page, alt, halfway_to_white, 6)
        assert inspect.getsource(multiply).strip() in page.locator(".st-key-learn .stCode code").inner_text()
        assert_fits_and_reads_well(page, SIZES[size]["width"])


@pytest.mark.slow
def test_beside_live_video_it_opens_without_a_break(app, browser):
    with LivePage(browser, f"{app.url}/?resolution=480p") as live_page:
        live_page.start()
        open_section(live_page.page)
        live_page.choose("red")
        assert live_page.page.get_by_text("def lookup_table").is_visible()
        live_page.wait_for_frames(5)
        assert live_page.frame().evaluate("window.connections") == 1
