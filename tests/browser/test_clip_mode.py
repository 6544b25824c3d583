"""A clip in file mode as a person uses it: see it filtered, have it made, watch it, take it home."""

import io
import os
import signal
from fractions import Fraction

import av
import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support import clips
from tests.support.page import WAIT_MS, PhotoPage
from tests.support.patience import until
from tests.support.processes import files_on_disk, processes_of
from tests.support.server import Server

SHOWN_PIXEL = """async (image) => {
  await image.decode();
  const canvas = new OffscreenCanvas(1, 1), context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""


class ClipPage(PhotoPage):
    """A page of the app with a clip in file mode."""

    @property
    def make_button(self):
        return self.page.get_by_role("button", name="Make the clip")

    @property
    def cancel_button(self):
        return self.page.get_by_role("button", name="Cancel")

    def wait_for_place(self, number):
        """Wait until the page says that place in the queue."""
        self.page.get_by_text(f"Waiting for its turn: number {number} in the queue", exact=True).wait_for()

    def keep(self, later, sooner):
        """Keep a part that begins so many tenths of a second later and ends so many sooner, by the keyboard."""
        thumbs = self.page.locator(".st-key-clip_kept").get_by_role("slider")
        for thumb, key, tenths in ((thumbs.first, "ArrowRight", later), (thumbs.last, "ArrowLeft", sooner)):
            for _ in range(tenths):
                thumb.press(key)
        self.page.wait_for_timeout(500)  # until the server knows it too
        self.wait_until_at_rest()

    @property
    def clip(self):
        return self.page.locator(".st-key-clip video")

    def download_clip(self):
        """The name of the clip's file, and its frames."""
        name, data = self.download(self.page.get_by_role("button", name="Download clip"))
        with av.open(io.BytesIO(data)) as file:
            return name, [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@pytest.fixture
def page(server, browser):
    with ClipPage(browser, f"{server.url}/?mode=file&filter=red") as opened:
        yield opened


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """A second and a half of WebM."""
    path = tmp_path_factory.mktemp("clips") / "in.webm"
    return clips.write_clip(path, (128, 96), 45, codec="libvpx-vp9", audio=None).read_bytes()


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """Ten seconds, which are not made at once."""
    path = tmp_path_factory.mktemp("clips") / "in.mp4"
    return clips.write_clip(path, (640, 480), 300, options={"preset": "ultrafast"}, audio=None).read_bytes()


def jobs_of(server):
    """The processes of the server that make clips: they have the lowest priority of all."""
    found = []
    for process in processes_of(str(server.port)):
        try:
            if os.sched_getscheduler(process) == os.SCHED_IDLE:
                found.append(process)
        except ProcessLookupError:
            continue
    return found


def hold_job(page, server):
    """Wait for the one job and have it stand still, so that it does not end by itself, however quick the machine."""
    until(lambda: jobs_of(server), pause=lambda: page.page.wait_for_timeout(100))
    [job] = jobs_of(server)
    os.kill(job, signal.SIGSTOP)
    return job


def test_a_clip_is_seen_made_played_and_downloaded(page, server, short):
    before = files_on_disk(str(server.port))
    page.upload("holiday.webm", short)
    page.page.get_by_text("128 × 96 pixels, 1.5 s").wait_for()
    image = page.page.get_by_alt_text("The picture through the filter Red")
    until(lambda: max(image.evaluate(SHOWN_PIXEL)[1:]) <= 3, pause=lambda: page.page.wait_for_timeout(100))
    for view, alt in (("compare", "The picture as it came"), ("all", "The picture through each of these filters")):
        page.see(view)
        page.page.get_by_alt_text(alt).wait_for()
    page.see("filter")
    image.wait_for()
    page.wait_until_at_rest()
    page.make_button.click()
    page.clip.wait_for()
    page.page.wait_for_function("document.querySelector('.st-key-clip video').readyState >= 2", timeout=WAIT_MS)
    assert page.clip.evaluate("video => [video.videoWidth, video.videoHeight]") == [128, 96]
    assert page.clip.evaluate("async video => { video.muted = true; await video.play(); return video.duration }") == (
        pytest.approx(1.5, abs=0.1)
    )
    expect(page.cancel_button).to_have_count(0)
    name, frames = page.download_clip()
    assert (name, len(frames), frames[0].shape) == ("holiday-red.webm", 45, (96, 128, 3))
    assert np.mean(frames[0][:, :, 1:]) <= 8
    assert np.mean(frames[0][:, :, 0]) >= 50
    assert files_on_disk(str(server.port)) == before

    page.choose("blue")
    page.page.get_by_text("made before your last choices").wait_for()
    page.page.get_by_role("button", name="Make it again").click()
    page.page.get_by_text("made before your last choices").wait_for(state="detached")
    page.clip.wait_for()
    name, frames = page.download_clip()
    assert name == "holiday-blue.webm"
    assert np.mean(frames[0][:, :, :2]) <= 8


@pytest.mark.slow
def test_the_part_that_is_chosen_is_kept(page, short, tmp_path):
    (tmp_path / "in.webm").write_bytes(short)
    whole = [frame.to_ndarray(format="rgb24")[:, :, 0] for frame in clips.frames_of(tmp_path / "in.webm")]
    page.upload("holiday.webm", short)
    page.page.get_by_text("128 × 96 pixels, 1.5 s").wait_for()
    page.keep(3, 4)
    page.make_button.click()
    page.clip.wait_for()
    times = clips.times_of(tmp_path / "in.webm")
    _, frames = page.download_clip()
    assert [nearest(frame[:, :, 0], whole) for frame in frames] == [
        number for number, time in enumerate(times) if Fraction(3, 10) <= time < Fraction(11, 10)
    ]


def nearest(picture, pictures):
    """Which of the pictures is most like this one."""
    return int(np.argmin([np.abs(picture.astype(int) - other).mean() for other in pictures]))


@pytest.mark.slow
def test_an_animated_gif_moves_and_a_still_one_is_a_picture(page):
    page.upload("moves.gif", clips.animation("gif"))
    page.page.get_by_text("30 × 20 pixels, 0.6 s").wait_for()
    page.make_button.click()
    page.page.locator(".st-key-clip img").wait_for()
    page.page.get_by_role("button", name="Download clip").wait_for()
    page.upload("still.gif", clips.animation("gif", count=1))
    page.download_button.wait_for()
    page.make_button.wait_for(state="detached")


def test_cancel_and_then_another_mode_end_it(page, server, long):
    page.upload("long.mp4", long)
    for end in (page.cancel_button.click, lambda: page.switch_to("live")):
        page.make_button.click()
        hold_job(page, server)
        page.cancel_button.wait_for()
        end()
        until(lambda: not jobs_of(server), pause=lambda: page.page.wait_for_timeout(100))


@pytest.mark.slow
@pytest.mark.parametrize("end", ["has its clip", "is cancelled"])
def test_a_clip_says_its_place_and_begins_when_the_first(end, server, browser, short, long):
    link = f"{server.url}/?mode=file&filter=red"
    with ClipPage(browser, link) as first, ClipPage(browser, link) as second, ClipPage(browser, link) as third:
        first.upload("long.mp4", long)
        first.make_button.click()
        running = hold_job(first, server)
        for place, page in enumerate((second, third), 1):
            page.upload("short.webm", short)
            page.make_button.click()
            page.wait_for_place(place)
        second.cancel_button.click()
        third.wait_for_place(1)
        if end == "is cancelled":
            first.cancel_button.click()
        else:
            os.kill(running, signal.SIGCONT)
            first.clip.wait_for()
        third.clip.wait_for()
        assert len(third.download_clip()[1]) == 45
        second.make_button.wait_for()


@pytest.mark.slow
def test_as_many_wait_as_the_setting_says(browser, short, long):
    with (
        Server(COLORFILTER_MAX_CLIPS="1", COLORFILTER_MAX_CLIPS_WAITING="1") as server,
        ClipPage(browser, f"{server.url}/?mode=file") as first,
        ClipPage(browser, f"{server.url}/?mode=file") as second,
        ClipPage(browser, f"{server.url}/?mode=file") as third,
    ):
        for page in (first, second, third):
            page.upload("long.mp4", long)
            page.make_button.click()
            if page is first:
                hold_job(first, server)
        second.wait_for_place(1)
        third.page.get_by_text("Too many wait for their turn at the moment. Please try again").wait_for()


@pytest.mark.slow
def test_who_leaves_the_page_gets_no_clip_any_more(server, browser, long):
    with ClipPage(browser, f"{server.url}/?mode=photo") as page:  # as links were before there were clips
        page.upload("long.mp4", long)
        page.make_button.click()
        hold_job(page, server)
    until(lambda: not jobs_of(server), seconds=60)


@pytest.mark.slow
def test_what_is_no_clip_or_damaged_or_too_large_is_one_sentence(page, short):
    """Each file after one of another kind: what the page shows says that it has run for it."""
    alert = page.page.get_by_test_id("stAlert")
    sentence = page.page.get_by_text("This is no video file that can be read, or its beginning is damaged.", exact=True)
    for number, (name, damaged) in enumerate({"broken.mp4": b"no clip at all", "cut.webm": short[:200]}.items()):
        page.upload(name, damaged)
        sentence.wait_for()
        expect(alert).to_have_count(1)
        page.upload(f"good{number}.webm", short)
        page.make_button.wait_for()
        expect(alert).to_have_count(0)
