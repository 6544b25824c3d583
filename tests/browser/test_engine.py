"""What the live engine promises from the first frame on, and after many viewers."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from tests.support.camera import BARS, bars_picture, write_y4m
from tests.support.chromium import launch
from tests.support.page import LivePage
from tests.support.server import ROOT, Server

# Size and the middle pixel of each bar of the first frames, as the page's video presents them.
RECORD = """
window.presented = [];
const watched = new WeakSet();
setInterval(() => {
  const video = document.querySelector("video");
  if (!video || watched.has(video)) return;
  watched.add(video);
  const note = () => {
    try {
      new VideoFrame(video).close();  // throws while the element cannot give its picture yet, and draws black
      window.presented.push([video.videoWidth, video.videoHeight, window.pixels(%s)]);
    } catch {}
    if (window.presented.length < 15) video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
}, 1);
"""
EMPTY = 5 + 30 + 15  # seconds until a server lets go of the last session, then gives memory back; and some more
POOL = 6  # threads at most of asyncio's own pool, which starts them as they are needed and keeps them
CENTERS = [[(i + 0.5) / len(BARS), 0.5] for i in range(len(BARS))]


def test_the_first_frames_have_the_full_size_and_every_one_is_filtered(playwright, app, tmp_path):
    camera = tmp_path / "bars.y4m"
    write_y4m(camera, [bars_picture(1280, 720)] * 2)
    browser = launch(playwright, camera=camera)
    with LivePage(browser, app.url + "/?filter=red", init_script=RECORD % CENTERS) as live_page:
        live_page.start()
        live_page.wait_for_frames(30)
        presented = live_page.frame().evaluate("window.presented")
        assert len(presented) == 15
        assert {(width, height) for width, height, _ in presented} == {(1280, 720)}
        for _, _, pixels in presented:
            red, green, blue = np.array(pixels).T
            want = np.array(BARS)[::-1, 0]
            assert np.abs(red - want).max() <= 25  # the very first key frame is coarse
            assert max(green.max(), blue.max()) <= 25  # a raw bar would have 200 and more
    browser.close()


def first_frames(browser, script, link=""):
    """Sizes and pixels of the first frames that an app's page presents."""
    with (
        Server(script, ROOT / "bench", PYTHONPATH=str(ROOT)) as server,
        LivePage(browser, server.url + link, init_script=RECORD % CENTERS) as live_page,
    ):
        live_page.start()
        live_page.wait_for_frames(20)
        presented = live_page.frame().evaluate("window.presented")
    assert len(presented) == 15
    return presented


def test_a_strangers_app_has_the_engine_too(playwright, tmp_path):
    """Ten lines, beside the stock page in the same browser: full size at once, and never a raw frame."""
    camera = tmp_path / "bars.y4m"
    write_y4m(camera, [bars_picture(1280, 720)] * 2)
    browser = launch(playwright, camera=camera)
    presented = first_frames(browser, "tests/support/stranger_app.py")
    assert {(width, height) for width, height, _ in presented} == {(1280, 720)}
    assert max(max(green, blue) for _, _, pixels in presented for _, green, blue in pixels) <= 25
    stock = first_frames(browser, "bench/stock_app.py", "/?width=1280&height=720")
    assert max(height for _, height, _ in stock) < 720
    browser.close()


def test_thirty_starts_in_a_row_bring_thirty_pictures(app, browser):
    with LivePage(browser, app.url + "/?filter=cyan") as live_page:
        for _ in range(30):
            live_page.page.reload()  # a new session
            live_page.wait_until_ready()
            live_page.start()
            live_page.wait_for_frames(5)


def state_of(server):
    """(resident kilobytes, threads, open descriptors) of the server's process."""
    process = Path("/proc") / str(server.process.pid)
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    return int(status["VmRSS"].split()[0]), int(status["Threads"]), len(os.listdir(process / "fd"))


@pytest.mark.soak
def test_a_hundred_viewers_leave_nothing_behind(browser):
    """With Streamlit's reconnect time at five seconds, for it is only after that that a session is let go."""
    with Server("serve", COLORFILTER_MAX_LIVE="50", STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="5") as server:
        for count in range(100):
            with LivePage(browser, server.url) as live_page:
                live_page.start()
                live_page.wait_for_frames(5)
            if count == 9:
                time.sleep(EMPTY)
                after_ten = state_of(server)
        time.sleep(EMPTY)
        memory, threads, descriptors = state_of(server)
        print(f"after ten {after_ten}, after a hundred {(memory, threads, descriptors)}")
        assert memory <= after_ten[0] + 10_000
        assert threads <= after_ten[1] + POOL
        assert descriptors <= after_ten[2]
