"""What the live engine promises from the first frame on, and after many viewers."""

import contextlib
import os
import random
import time
from pathlib import Path

import numpy as np
import pytest

from tests.support.camera import BARS, bars_picture, write_y4m
from tests.support.chromium import launch
from tests.support.page import LivePage
from tests.support.pictures import saved
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


def presented_frames(live_page):
    """Sizes and pixels of the first frames; a busy machine's browser decodes more than it presents."""
    frame = live_page.frame()
    frame.wait_for_function("window.presented.length === 15")
    return frame.evaluate("window.presented")


def test_every_one_of_the_first_frames_is_filtered(playwright, app, tmp_path):
    camera = tmp_path / "bars.y4m"
    write_y4m(camera, [bars_picture(1280, 720)] * 2)
    browser = launch(playwright, camera=camera)
    with LivePage(browser, app.url + "/?filter=red", init_script=RECORD % CENTERS) as live_page:
        live_page.start()
        presented = presented_frames(live_page)
        for _, _, pixels in presented:
            red, green, blue = np.array(pixels).T
            want = np.array(BARS)[::-1, 0]
            assert np.abs(red - want).max() <= 25  # the very first key frame is coarse
            assert max(green.max(), blue.max()) <= 25  # a raw bar would have 200 and more
    browser.close()


def first_frames(browser, script):
    """Sizes and pixels of the first frames that an app's page presents."""
    with (
        Server(script, ROOT / "bench", PYTHONPATH=str(ROOT)) as server,
        LivePage(browser, server.url, init_script=RECORD % CENTERS) as live_page,
    ):
        live_page.start()
        return presented_frames(live_page)


@pytest.mark.slow
def test_a_strangers_app_has_the_engine_too(playwright, tmp_path):
    """Ten lines, and never a raw frame."""
    camera = tmp_path / "bars.y4m"
    write_y4m(camera, [bars_picture(1280, 720)] * 2)
    browser = launch(playwright, camera=camera)
    presented = first_frames(browser, "tests/apps/stranger_app.py")
    assert max(max(green, blue) for _, _, pixels in presented for _, green, blue in pixels) <= 25
    browser.close()


def state_of(server):
    """(resident kilobytes, threads, open descriptors) of the server's process."""
    process = Path("/proc") / str(server.process.pid)
    status = dict(line.split(":", 1) for line in (process / "status").read_text(encoding="utf-8").splitlines())
    return int(status["VmRSS"].split()[0]), int(status["Threads"]), len(os.listdir(process / "fd"))


def look(page, rng):
    page.wait_for_frames(5)


def choose_colors(page, rng):
    for _ in range(3):
        page.choose(rng.choice(["red", "green", "blue", "yellow"]))


def record(page, rng):
    page.page.get_by_role("button", name="Record").click()
    page.page.wait_for_timeout(rng.randrange(500, 2000))
    page.page.get_by_role("button", name="Stop recording").click()
    page.page.locator(".st-key-clip video").wait_for()


def take_snapshots(page, rng):
    for _ in range(rng.randrange(1, 4)):
        page.snapshot_button.click()
    page.page.get_by_alt_text("Snapshot 1,").wait_for()


def stall(page, rng):
    """The network is gone, and then the visitor."""
    page.context.set_offline(True)
    page.page.wait_for_timeout(rng.randrange(500, 3000))


def crash(page, rng):
    """The tab ends without a word."""
    with contextlib.suppress(Exception):
        page.page.goto("chrome://crash", timeout=1000)


def upload(page, rng):
    page.switch_to("file")
    page.page.locator(".st-key-picture_from").get_by_text("Upload", exact=True).click()
    picture = np.random.default_rng(rng.randrange(100)).integers(0, 256, (600, 800, 3), np.uint8)
    file = {"name": "p.png", "mimeType": "", "buffer": saved(picture)}
    page.page.locator("input[type=file]").set_input_files(file)
    page.page.get_by_text("800 × 600 pixels").wait_for()


DOINGS = [look, choose_colors, record, take_snapshots, stall, crash, upload]
VISITS, WARM = 120, 40


@pytest.mark.soak
def test_an_hour_of_visitors_leaves_nothing_behind(browser):
    """An hour in fast forward: a new visitor as soon as one has left, who does something at random (seeded).

    With Streamlit's reconnect time at five seconds, for it is only after that that a session is let go.
    """
    rng = random.Random(1)
    with Server("serve", COLORFILTER_MAX_LIVE="50", STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="5") as server:
        for count in range(VISITS):
            with LivePage(browser, server.url) as live_page:
                live_page.start()
                rng.choice(DOINGS)(live_page, rng)
            if count == WARM - 1:
                time.sleep(EMPTY)
                warm = state_of(server)
        time.sleep(EMPTY)
        memory, threads, descriptors = state_of(server)
        print(f"after {WARM} {warm}, after {VISITS} {(memory, threads, descriptors)}")
        assert memory <= warm[0] + 10_000
        assert threads <= warm[1] + POOL
        assert descriptors <= warm[2]
        assert "Traceback" not in server.log()
