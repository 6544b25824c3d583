import logging
from fractions import Fraction

import numpy as np
import pytest
from av import VideoFrame

from colorfilter import PRESETS
from colorfilter.frames import planes
from colorfilter.live import picture as live_picture
from colorfilter.live.picture import LivePicture
from colorfilter.live.recorder import Recorder, recorder_of
from colorfilter.views.options import ViewOptions
from tests.support import reference
from tests.support.moving import Clock


def flat_frame(level, pts=0, size=(64, 48)):
    frame = reference.make_frame(*size, lambda shape: np.full(shape, level, np.uint8))
    frame.pts, frame.time_base = pts, Fraction(1, 90000)
    return frame


def luma(frame):
    return reference.read_planes(frame)[0]


@pytest.fixture
def clock(monkeypatch):
    """The picture's clock, in the test's hands."""
    clock = Clock()
    monkeypatch.setattr(live_picture, "time", clock)
    return clock


def test_each_frame_shows_the_settings_of_its_moment():
    picture = LivePicture()
    frame = reference.make_frame(4, 2, lambda shape: np.arange(np.prod(shape), dtype=np.uint8).reshape(shape) + 100)
    picture.options = ViewOptions(PRESETS["original"], mirror=False)
    assert np.array_equal(luma(picture.process(frame)), luma(frame))
    picture.options = ViewOptions(PRESETS["original"], mirror=True)
    assert np.array_equal(luma(picture.process(frame)), luma(frame)[:, ::-1])
    picture.options = ViewOptions(PRESETS["red"].at_strength(0), mirror=False)
    assert np.array_equal(luma(picture.process(frame)), luma(frame))


def test_a_sample_is_of_the_newest_frame_as_it_came():
    picture = LivePicture()
    assert picture.sample() is None
    picture.options = ViewOptions(PRESETS["red"])
    picture.process(flat_frame(16, size=(1280, 720)))
    picture.process(flat_frame(128, size=(1280, 720)))
    sample = picture.sample()
    assert sample.shape == (72, 128, 3)
    assert np.all(sample == round((128 - 16) * 255 / 219))
    picture.forget()
    assert picture.sample() is None


def test_figures_are_of_the_last_two_seconds(clock):
    picture = LivePicture()
    assert picture.stats() is None
    for _ in range(100):
        picture.process(flat_frame(50, size=(64, 48)))
        clock.now += 1 / 25
    figures = picture.stats()
    assert figures.frames_per_second == pytest.approx(25)
    assert (figures.width, figures.height) == (64, 48)
    assert not figures.failing
    clock.now += 2.1
    assert picture.stats() is None


def test_the_first_frames_do_not_yet_say_how_many_come_in_a_second(clock):
    picture = LivePicture()
    for late in (0.001, 0.1, 0.3):  # as they come while the connection finds its pace
        picture.process(flat_frame(50))
        clock.now += late
    assert picture.stats().frames_per_second is None
    clock.now += 0.1
    picture.process(flat_frame(50))
    assert picture.stats().frames_per_second == pytest.approx(3 / 0.501)


def test_figures_tell_the_time_that_the_work_takes(clock, monkeypatch):
    def slow(frame, options):
        clock.now += 0.004
        return frame

    monkeypatch.setattr(live_picture, "render_frame", slow)
    picture = LivePicture()
    for _ in range(10):
        picture.process(flat_frame(50))
    assert picture.stats().milliseconds == pytest.approx(4)


def test_a_failing_filter_shows_the_last_good_picture_logs_once_and_says_so(clock, monkeypatch, caplog):
    picture = LivePicture()
    picture.options = ViewOptions(PRESETS["original"], mirror=False)
    good = picture.process(flat_frame(180, pts=1))
    monkeypatch.setattr(live_picture, "render_frame", lambda *args: 1 / 0)
    with caplog.at_level(logging.WARNING):
        for pts in range(2, 30):
            again = picture.process(flat_frame(60, pts=pts))
            assert np.all(luma(again) == 180)
            assert (again.pts, again.time_base) == (pts, Fraction(1, 90000))
            assert again is not good
            clock.now += 1 / 25
    assert len(caplog.records) == 1
    assert picture.stats().failing
    monkeypatch.undo()
    monkeypatch.setattr(live_picture, "time", clock)
    clock.now += 3
    assert np.all(luma(picture.process(flat_frame(60))) == 60)
    assert not picture.stats().failing


def test_a_filter_that_fails_on_the_very_first_frame_shows_black_never_the_raw_picture(monkeypatch):
    monkeypatch.setattr(live_picture, "render_frame", lambda *args: 1 / 0)
    shown = reference.read_planes(LivePicture().process(flat_frame(200, pts=5, size=(6, 4))))
    assert [np.unique(plane).tolist() for plane in shown] == [[16], [128], [128]]


def test_the_log_holds_no_samples_of_the_picture(monkeypatch, caplog):
    monkeypatch.setattr(live_picture, "render_frame", lambda *args: 1 / 0)
    LivePicture().process(flat_frame(251))
    assert "251" not in caplog.text.replace(str(live_picture.__file__), "")


def test_the_newest_frame_is_a_copy_of_what_was_shown_last():
    picture = LivePicture()
    assert picture.newest() is None
    picture.options = ViewOptions(PRESETS["original"], mirror=False)
    picture.process(flat_frame(50))
    shown = picture.process(flat_frame(60, size=(32, 20)))
    newest = picture.newest()
    assert (newest.width, newest.height) == (32, 20)
    assert np.all(luma(newest) == 60)
    np.frombuffer(shown.planes[0], np.uint8)[:] = 9
    assert np.all(luma(newest) == 60)


def test_each_frame_tells_who_records_it_also_while_the_filter_fails(monkeypatch):
    picture, other = LivePicture(), LivePicture()
    picture.recorder = Recorder()
    shown = [picture.process(flat_frame(200)), other.process(flat_frame(200))]
    monkeypatch.setattr(live_picture, "render_frame", lambda *args: 1 / 0)
    shown += [picture.process(flat_frame(200)), other.process(flat_frame(200))]
    assert [recorder_of(frame) for frame in shown] == [picture.recorder, None] * 2
    assert recorder_of(picture.newest()) is None  # a snapshot is nobody's to record


def test_the_end_of_the_stream_is_the_end_of_its_recording():
    picture = LivePicture()
    picture.forget()
    recorder = picture.recorder = Recorder()
    picture.forget()
    assert not recorder.running


@pytest.mark.parametrize(("mirror", "left"), [(False, (81, 90, 240)), (True, (41, 240, 110))])
def test_the_color_at_a_place_is_that_of_what_is_shown_and_as_it_came(mirror, left):
    """The left half is red and the right one blue, in codes of limited-range BT.601; shown mirrored, or not."""
    frame = VideoFrame(64, 48, "yuv420p")
    for plane, red, blue in zip(planes(frame), (81, 90, 240), (41, 240, 110), strict=True):
        plane[:, : plane.shape[1] // 2], plane[:, plane.shape[1] // 2 :] = red, blue
    picture = LivePicture()
    assert picture.color_at(0.2, 0.5) is None
    picture.options = ViewOptions(PRESETS["green"], mirror=mirror)
    picture.process(frame)
    want = (255, 0, 0) if left == (81, 90, 240) else (0, 0, 255)
    assert picture.color_at(0.2, 0.5) == pytest.approx(want, abs=2)
    assert picture.color_at(0.8, 0.5) == pytest.approx(want[::-1], abs=2)


def test_the_next_frame_is_one_that_comes_after_the_delay(clock, monkeypatch):
    picture = LivePicture()
    picture.options = ViewOptions(mirror=False)
    came = []

    def sleep_while_a_frame_comes(seconds):
        clock.now += seconds
        came.append(clock.now)
        picture.process(flat_frame(20 + len(came)))

    monkeypatch.setattr(clock, "sleep", sleep_while_a_frame_comes)
    level = int(luma(picture.next_frame(0.205, 5))[0, 0])
    assert level == 20 + len(came)
    assert came[-2] < 0.205 <= came[-1]


def test_there_is_no_next_frame_where_none_comes(clock):
    picture = LivePicture()
    picture.process(flat_frame(100))
    assert picture.next_frame(0.05, 0.1) is None
    assert 0.15 <= clock.now <= 0.15 + 2 * live_picture.POLL_INTERVAL_S


def test_each_frame_is_told_to_the_metrics_with_its_time(clock, monkeypatch):
    seen = []
    monkeypatch.setattr(live_picture.metrics, "observe_frame", seen.append)
    picture = LivePicture()
    picture.process(flat_frame(100))
    picture.process(flat_frame(120))
    records = list(picture._log._records)
    assert seen == [record.seconds for record in records]
    assert len(seen) == 2
