"""A clip of the live picture: recorded, watched in the page, taken home."""

import io
import itertools
import time
import urllib.error
import urllib.request

import av
import numpy as np
import pytest

from colorfilter import PRESETS
from tests.support.bars import CENTERS, assert_shows, expected
from tests.support.look import SIZES, assert_fits_and_reads_well
from tests.support.page import LivePage
from tests.support.patience import until
from tests.support.server import Server

pytestmark = pytest.mark.slow

YELLOW, CYAN, PINK = (255, 255, 0), (0, 255, 255), (255, 0, 255)
SEEK = "(video, at) => new Promise(done => { video.onseeked = done; video.currentTime = at; })"
RECORDED = "Number(getComputedStyle(document.querySelector('.recording')).getPropertyValue('--seconds'))"


class ClipPage(LivePage):
    """The page of one who records."""

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def mark(self):
        return self.page.locator(".recording")

    @property
    def clip(self):
        return self.page.locator(".st-key-clip video")

    def record(self, button="Record"):
        self.button(button).click()
        self.mark.wait_for()
        self.button(button).wait_for(state="detached")

    def wait_for_seconds(self, count):
        """Wait until the mark has counted that far."""
        self.page.wait_for_function(f"{RECORDED} >= {count}")

    def wait_for_clip(self):
        self.clip.wait_for()
        self.page.wait_for_function("document.querySelector('video')?.readyState >= 2")

    def download_clip(self):
        """(seconds from the first frame, bars at the centers) of each frame of the clip."""
        name, data = self.download(self.button("Download clip"))
        assert name == "clip.webm"
        with av.open(io.BytesIO(data)) as container:
            return [(frame.time, bars_of(frame)) for frame in container.decode(video=0)]


def status_of(url):
    try:
        return urllib.request.urlopen(url).status
    except urllib.error.HTTPError as error:
        return error.code


def bars_of(frame):
    picture = frame.to_ndarray(format="rgb24")
    return np.array([picture[int(y * frame.height), int(x * frame.width)] for x, y in CENTERS]).astype(int)


def filter_of(bars):
    """The name of the filter whose colors the bars have, or come next to: on a busy machine new colors are coarse."""
    return min(PRESETS, key=lambda name: np.abs(bars - expected(PRESETS[name].color)).mean())


def shows(bars, color):
    """Whether each bar has its color under that filter, to within 12 levels: the first frames are coarse."""
    return np.abs(bars - expected(color)).max() <= 12


def test_a_clip_is_what_its_viewer_saw_and_lasts_as_long(app, browser):
    with (
        LivePage(browser, f"{app.url}/?filter=pink&resolution=480p") as other,
        ClipPage(browser, f"{app.url}/?filter=yellow&resolution=480p") as page,
    ):
        other.start()
        page.start()
        page.wait_for_figures("640 × 480")
        assert_shows(page, expected(YELLOW))
        before = time.monotonic()
        page.record()
        page.wait_for_seconds(1)
        page.choose("cyan")  # it goes on
        assert_shows(page, expected(CYAN))  # however coarse its first frames, and late on a busy machine
        page.wait_for_seconds(3)
        page.button("Stop recording").click()
        page.wait_for_clip()
        longest = time.monotonic() - before
        page.button("Stop recording").wait_for(state="detached")
        page.mark.wait_for(state="detached")
        assert other.page.locator(".recording, .st-key-clip").count() == 0

        frames = page.download_clip()
        times = [at for at, _ in frames]
        assert times[0] == 0
        assert 2 <= times[-1] <= longest
        filters = [filter_of(bars) for _, bars in frames]
        assert [name for name, _ in itertools.groupby(filters)] == ["yellow", "cyan"]
        assert shows(frames[-1][1], CYAN)

        length = page.clip.evaluate("video => video.duration")
        assert length == pytest.approx(times[-1], abs=0.1)
        for at, color in ((length - 0.1, CYAN), (0.1, YELLOW)):  # it seeks in the page, there and back
            page.clip.evaluate(SEEK, at)
            assert shows(np.array(page.page.evaluate("points => window.pixels(points)", CENTERS)), color)

        source = page.clip.evaluate("video => video.src")
        assert page.page.request.get(source).ok
        page.button("Delete clip").click()
        page.clip.wait_for(state="detached")
        page.button("Record").wait_for()
        page.page.wait_for_function("url => fetch(url).then(answer => answer.status === 404)", arg=source)


@pytest.fixture(scope="module")
def short_clips():
    """The app, in which a clip has three seconds at most."""
    with Server("tests/apps/short_clips_app.py") as server:
        yield server


@pytest.mark.parametrize("end", ["the longest clip", "a lost connection", "the camera's stop"])
def test_the_clip_comes_up_by_itself_at_the_end_of(short_clips, browser, end):
    with ClipPage(browser, short_clips.url, viewport=SIZES["phone"], color_scheme="dark") as page:
        page.start()
        assert_shows(page, expected(YELLOW))
        page.record()
        page.wait_for_seconds(1)
        if end == "a lost connection":
            page.frame().evaluate("window.connection.close()")
        elif end == "the camera's stop":
            page.stop_button.click()
        page.wait_for_clip()
        frames = page.download_clip()
        assert len(frames) > 1
        assert frames[-1][0] < 3
        assert shows(frames[-1][1], YELLOW)
        if end == "the longest clip":
            assert_fits_and_reads_well(page.page, SIZES["phone"]["width"])
            page.record("Record again")  # which takes the place of the first
            page.clip.wait_for(state="detached")
            assert_fits_and_reads_well(page.page, SIZES["phone"]["width"])
            page.wait_for_clip()


def test_the_clip_of_the_last_visitor_goes_when_the_page_has_been_left(browser):
    """And nobody need come for that."""
    with Server(STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="3") as server:
        with ClipPage(browser, server.url) as page:
            page.start()
            page.record()
            page.wait_for_seconds(1)
            page.button("Stop recording").click()
            page.wait_for_clip()
            file = page.clip.evaluate("video => video.currentSrc")
            assert status_of(file) == 200
        until(lambda: status_of(file) == 404, seconds=60)
