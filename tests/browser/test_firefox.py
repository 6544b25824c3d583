"""The page in a real Firefox."""

import time
from pathlib import Path

import numpy as np
import pytest

from colorfilter import PRESETS
from tests.support.bars import assert_shows, expected
from tests.support.firefox import Firefox
from tests.support.page import STREAMER
from tests.support.patience import until
from tests.support.pictures import saved

pytestmark = [pytest.mark.firefox, pytest.mark.timeout(240)]

COMPONENTS = Path(__file__).parents[2] / "colorfilter/page/components"
DEGRADATION = "".join(
    (COMPONENTS / file).read_text(encoding="utf-8") for file in ("registry.js", "streamer_document/degradation.js")
)
# A connection that sends `rate` frames a second, and what was asked of it.
FAKE_CONNECTION = """(source) => {
  eval(source);
  window.asked = [];
  let rate = 30, sent = 0, since = performance.now();
  const frames = () => sent + rate * (performance.now() - since) / 1000;
  window.setRate = (given) => { sent = frames(); since = performance.now(); rate = given; };
  const sender = { track: { kind: "video" }, getParameters: () => ({ encodings: [{}] }),
    setParameters: async (given) => { window.asked.push(given.degradationPreference); } };
  const stats = async () => new Map([["o", { type: "outbound-rtp", kind: "video", framesSent: Math.round(frames()) }]]);
  window.colorFilter.degradation.attach({ signalingState: "stable", getSenders: () => [sender], getStats: stats });
}"""


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    with Firefox(tmp_path_factory.mktemp("downloads")) as running:
        yield running


def test_the_colors_of_the_camera_change_with_the_filter_until_it_is_stopped(app, firefox):
    firefox.open(f"{app.url}/?filter=red&resolution=480p")
    firefox.start()
    assert_shows(firefox, expected(PRESETS["red"].color))
    firefox.press("yellow", ".st-key-filter")
    assert_shows(firefox, expected(PRESETS["yellow"].color))
    firefox.press("Stop", inside=True)
    firefox.wait_for("() => !document.querySelector('video')", inside=True)


def test_what_it_sends_and_gets_back_comes_to_have_the_size_of_the_camera(app, firefox):
    firefox.open(f"{app.url}/?filter=pink&resolution=720p")
    firefox.start()
    until(lambda: firefox.sizes() == {"sent": (1280, 720), "received": (1280, 720)})


def test_before_the_start_the_sample_takes_the_place_of_the_video(app, firefox):
    firefox.open(f"{app.url}/?filter=red&resolution=720p")
    place = """(selector) => {
      const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
      return [x, y, width, height].map(Math.round);
    }"""
    there = "() => document.querySelector('.st-key-still img')?.naturalWidth"
    assert firefox.wait_for(there) == 1280
    firefox.wait_for("() => !!document.querySelector('button')", inside=True)
    still, colors = (firefox.evaluate(place, part) for part in (".st-key-still img", ".st-key-filter"))
    firefox.start()
    frame = firefox.evaluate(place, STREAMER)
    video = firefox.evaluate(place, "video", inside=True)
    assert [frame[0] + video[0], frame[1] + video[1], *video[2:]] == pytest.approx(still, abs=1)
    assert firefox.evaluate(place, ".st-key-filter") == colors


def test_the_line_is_dragged_on_the_picture(app, firefox):
    firefox.open(f"{app.url}/?filter=pink&view=compare&resolution=480p&mirror=false")
    firefox.start()
    original, pink = (expected(PRESETS[name].color, mirrored=False) for name in ("original", "pink"))
    assert_shows(firefox, [*original[:4], *pink[4:]])
    firefox.drag(".compare-area", 0.5, 0.6, 0.75)
    assert_shows(firefox, [*original[:6], *pink[6:]])


def test_another_resolution_starts_the_stream_again(app, firefox):
    firefox.open(f"{app.url}/?resolution=720p")
    firefox.start()
    firefox.wait_for_frames(10)
    firefox.press("Settings")
    firefox.press("480p", ".st-key-resolution")
    firefox.wait_for("() => document.querySelector('.watch').textContent.includes('Starting again at 480p')")
    firefox.wait_for("() => document.querySelector('video')?.videoHeight === 480", inside=True)


def test_the_test_card_comes(app, firefox):
    firefox.open(f"{app.url}/?input=test+card")
    firefox.start("Start test card")
    firefox.wait_for_frames(30)


def test_a_photo_is_uploaded_and_seen_through_the_filter(app, firefox, tmp_path):
    path = tmp_path / "blocks.png"
    path.write_bytes(saved(np.full((48, 64, 3), 200, np.uint8), "PNG"))
    firefox.open(f"{app.url}/?mode=file&filter=cyan")
    firefox.press("Upload", ".st-key-picture_from")
    firefox.upload(path)
    firefox.wait_for("() => document.querySelector('.stMain').innerText.includes('blocks.png')")
    size = """() => {
      const image = document.querySelector("img[alt^='The picture through']");
      return image?.complete && [image.naturalWidth, image.naturalHeight];
    }"""
    firefox.wait_for(f"() => String(({size})()) === '64,48'")


def test_a_snapshot_is_kept(app, firefox):
    firefox.open(f"{app.url}/?filter=blue&resolution=480p")
    firefox.start()
    firefox.wait_for_frames(10)
    firefox.press("Snapshot")
    firefox.wait_for("() => document.querySelectorAll('.st-key-strip img').length === 1")


def test_the_keys_choose_a_filter_start_stop_and_list_themselves(app, firefox):
    firefox.open(f"{app.url}/?filter=blue&resolution=480p")
    firefox.start()
    firefox.wait_for_frames(10)
    firefox.evaluate("() => document.activeElement.blur()")
    firefox.press_key("7")
    assert_shows(firefox, expected(PRESETS["cyan"].color))
    firefox.press_key(" ")
    firefox.wait_for("() => !document.querySelector('video')", inside=True)
    firefox.press_key("?")
    firefox.wait_for("() => document.querySelector('dialog.keys').open")
    firefox.press_key("?")
    firefox.wait_for("() => !document.querySelector('dialog.keys').open")


def test_the_count_down_comes_before_a_snapshot_that_is_large_for_a_moment(app, firefox):
    firefox.open(f"{app.url}/?filter=blue&resolution=480p")
    firefox.start()
    firefox.wait_for_frames(10)
    firefox.press("3 s", ".st-key-count_down")
    firefox.wait_for("() => document.querySelector('.st-key-count_down [aria-checked=true]').textContent.includes('3')")
    pressed = time.monotonic()
    firefox.press("Snapshot")
    for digit in "321":
        firefox.wait_for(f"() => document.querySelector('.booth.count-down')?.textContent === '{digit}'", inside=True)
        assert firefox.evaluate("() => document.querySelector('.booth-said').textContent") == digit
    firefox.wait_for("() => document.querySelector('.booth.print img')?.naturalWidth === 640", inside=True)
    assert time.monotonic() - pressed >= 3
    firefox.wait_for("() => !document.querySelector('.booth')", inside=True)
    firefox.wait_for("() => document.querySelectorAll('.st-key-strip img').length === 1")


def test_full_screen_shows_the_stage_and_the_colors_alone(app, firefox):
    firefox.open(app.url)
    firefox.press("Full screen")
    firefox.wait_for("() => document.body.classList.contains('full-screen')")
    visible = """() => ["stage", "filter", "actions", "mode"].map((key) =>
      getComputedStyle(document.querySelector(`.st-key-${key}`)).visibility).join()"""
    assert firefox.evaluate(visible) == "visible,visible,visible,hidden"
    size = "() => document.querySelector('.st-key-stage').getBoundingClientRect().width === innerWidth"
    firefox.wait_for(size)
    firefox.press("Leave full screen")
    firefox.wait_for("() => !document.fullscreenElement && !document.body.classList.contains('full-screen')")


def test_a_clip_is_recorded_played_and_sought(app, firefox):
    firefox.open(f"{app.url}/?filter=green&resolution=480p")
    firefox.start()
    firefox.wait_for_frames(10)
    firefox.press("Record")
    firefox.wait_for("() => !!document.querySelector('.recording')")
    time.sleep(3)
    firefox.press("Stop recording")
    firefox.wait_for("() => document.querySelector('.st-key-clip video')?.readyState >= 2")
    sought = """async () => {
      const video = document.querySelector(".st-key-clip video");
      video.muted = true;
      await video.play();
      await new Promise((done) => setTimeout(done, 700));
      const played = video.currentTime;
      video.pause();
      await new Promise((done) => { video.onseeked = done; video.currentTime = 2; });
      return [played, video.currentTime, video.videoWidth, video.videoHeight];
    }"""
    played, at, width, height = firefox.evaluate(sought)
    assert played > 0
    assert (at, width, height) == (pytest.approx(2, abs=0.1), 640, 480)


def test_our_javascript_says_nothing_in_the_console(app, firefox):
    before = len(firefox.console())
    firefox.open(f"{app.url}/?filter=pink&view=compare&resolution=480p")
    firefox.start()
    firefox.wait_for_frames(10)
    firefox.press("all", ".st-key-view")
    firefox.wait_for("() => !!document.querySelector('.st-key-tile_red')")
    firefox.press("filter", ".st-key-view")
    firefox.press("Snapshot")
    firefox.wait_for("() => document.querySelectorAll('.st-key-strip img').length === 1")
    firefox.press("Stop", inside=True)
    firefox.wait_for("() => !document.querySelector('video')", inside=True)
    said = [(words, source) for words, source in firefox.console(before) if source.startswith(app.url)]
    # Streamlit's own files, and those of its component, are under /static and /component; the frame is of its making.
    of_streamlit = ("/static/", "/component/", "An iframe which has both allow-scripts and allow-same-origin")
    assert [one for one in said if not any(words in " ".join(one) for words in of_streamlit)] == []


def test_a_connection_that_ends_starts_again(app, firefox):
    firefox.open(f"{app.url}/?resolution=480p")
    firefox.start()
    firefox.wait_for_frames(10)
    firefox.evaluate("() => { window.ended = window.watched.connection; window.ended.close(); }", inside=True)
    firefox.wait_for("() => window.watched.connection !== window.ended", inside=True, seconds=60)
    firefox.wait_for_frames(5)


def test_the_connection_check_says_that_all_is_well(app, firefox):
    firefox.open(f"{app.url}/?filter=red&resolution=480p")
    firefox.start()
    firefox.wait_for_frames(30)
    marks = "() => [...document.querySelectorAll('.check li')].map(({ className }) => className).join(' ')"
    firefox.wait_for(f"() => ({marks})() === '{' '.join(['yes'] * 8)}'")


def test_the_full_size_gives_way_where_few_frames_leave(app, firefox):
    firefox.open(app.url)
    firefox.evaluate(FAKE_CONNECTION, DEGRADATION)
    firefox.wait_for("() => window.asked.length === 1")
    firefox.evaluate("() => window.setRate(5)")
    firefox.wait_for("() => window.asked.length === 2")
    firefox.evaluate("() => window.setRate(30)")
    firefox.wait_for("() => window.asked.length === 3", seconds=60)
    assert firefox.evaluate("() => window.asked") == ["maintain-resolution", "balanced", "maintain-resolution"]


def test_the_colors_of_the_bars_are_those_of_the_camera():
    """What the tests above expect does not come out by chance: all bars differ under each filter that they choose."""
    assert len(np.unique(expected(PRESETS["yellow"].color), axis=0)) >= 4
