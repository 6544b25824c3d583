import io
from fractions import Fraction

import av
import numpy as np
import pytest

from colorfilter import PRESETS, filter_frame
from colorfilter.live import recorder
from colorfilter.live.recorder import (
    CLOCK_RATE,
    KEY_FRAME_INTERVAL_S,
    MAX_CLIP_BYTES,
    MAX_CLIP_S,
    EncodedPicture,
    Recorder,
    record_with,
    recorder_of,
)
from tests.support import reference

FRAME = CLOCK_RATE // 30
START = 2**32 - 5 * FRAME  # of the clock, which never begins at 0
COLOR = (200, 120, 40)


@pytest.fixture
def clock(monkeypatch):
    """The recorder's clock, which goes on only as the test says."""

    class Clock:
        now = 0.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(recorder, "time", clock)
    return clock


def flat_frame(number, size, color_filter):
    """A frame of COLOR through a filter."""
    planes = reference.from_rgb(np.full((size[1], size[0], 3), COLOR, float))
    samples = np.concatenate([np.rint(plane).astype(np.uint8).ravel() for plane in planes])
    frame = av.VideoFrame.from_ndarray(samples.reshape(-1, size[0]), "yuv420p")
    frame = filter_frame(frame, color_filter)
    frame.pts, frame.time_base = number, Fraction(1, 30)
    return frame


def record(recorder, count, size=(64, 48), first=0, left_out=(), color_filter=PRESETS["original"]):
    """Encode and add `count` pictures of that size, the first of them a key frame, but those left out."""
    codec = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt, codec.bit_rate = *size, "yuv420p", 2_000_000
    codec.options = {"deadline": "realtime", "lag-in-frames": "0"}
    for number in range(first, first + count):
        if number in left_out:
            continue
        frame = flat_frame(number, size, color_filter)
        if recorder.wants_key_frame:
            frame.pict_type = av.video.frame.PictureType.I
        (packet,) = codec.encode(frame)
        recorder.add(EncodedPicture(bytes(packet), START + number * FRAME, size, packet.is_keyframe))


def opened(recorder):
    return av.open(io.BytesIO(recorder.webm()))


def decoded(recorder):
    with opened(recorder) as container:
        return list(container.decode(video=0))


def raw(number, size=1, is_key_frame=True):
    return EncodedPicture(bytes(size), START + number * FRAME, (64, 48), is_key_frame)


def kept(recorder):
    """How many pictures are in the file."""
    with opened(recorder) as container:
        return sum(bool(packet.size) for packet in container.demux(video=0))


def test_every_picture_is_there_at_its_time_and_one_that_was_left_out_is_a_longer_one():
    recorder = Recorder()
    record(recorder, 90, left_out=(40, 41))
    times = [float(frame.time) for frame in decoded(recorder)]
    want = [number / 30 for number in range(90) if number not in (40, 41)]
    assert times == pytest.approx(want, abs=0.001)  # the file counts in milliseconds
    with opened(recorder) as container:
        assert container.format.name == "matroska,webm"
        assert container.duration / 1e6 == pytest.approx(90 / 30, abs=0.002)


@pytest.mark.parametrize("name", ["original", "yellow", "red"])
def test_it_shows_the_color_of_the_filter(name):
    recorder = Recorder()
    record(recorder, 5, color_filter=PRESETS[name])
    want = np.array(COLOR) * np.array(PRESETS[name].color) / 255
    for frame in decoded(recorder):
        assert np.abs(reference.to_rgb(*reference.read_planes(frame)) - want).max() <= 5


def test_it_plays_and_seeks_through_a_change_of_size():
    recorder = Recorder()
    record(recorder, 30, (64, 48))
    record(recorder, 30, (160, 120), first=30)
    record(recorder, 30, (96, 72), first=60)
    sizes = [(frame.width, frame.height) for frame in decoded(recorder)]
    assert sizes == [(64, 48)] * 30 + [(160, 120)] * 30 + [(96, 72)] * 30
    with opened(recorder) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (160, 120)
        for second, size in ((2.5, (96, 72)), (0.5, (64, 48)), (1.5, (160, 120))):
            container.seek(int(second * 1e6))
            frame = next(container.decode(video=0))
            assert (frame.width, frame.height) == size
            assert frame.time == int(second)


def test_it_wants_a_key_frame_at_once_and_then_every_few_seconds():
    recorder = Recorder()
    assert recorder.wants_key_frame
    record(recorder, 10 * 30 + 1)
    with opened(recorder) as container:
        keys = [float(packet.pts * packet.time_base) for packet in container.demux(video=0) if packet.is_keyframe]
    # It asks after the picture that is as late as that: the next one is the key frame.
    assert keys == pytest.approx([i * (KEY_FRAME_INTERVAL_S + 1 / 30) for i in range(4)], abs=0.002)
    assert not recorder.wants_key_frame  # it has stopped


def test_the_index_stands_before_the_pictures():
    recorder = Recorder()
    record(recorder, 120)
    webm = recorder.webm()
    info, cues, cluster = (
        bytes.fromhex(name) for name in ("1549a966", "1c53bb6b", "1f43b675")
    )  # RFC 9559, section 27.1
    # Before the information stands where each of them is.
    assert webm.rfind(info) < webm.rfind(cues) < webm.find(cluster)


def test_the_index_has_room_for_a_minute_of_key_frames():
    recorder = Recorder()
    for number in range(MAX_CLIP_S * 30):
        recorder.add(raw(number))
    assert kept(recorder) == MAX_CLIP_S * 30


def test_nothing_is_kept_before_the_first_key_frame():
    recorder = Recorder()
    recorder.add(raw(0, is_key_frame=False))
    assert recorder.wants_key_frame
    recorder.add(raw(1))
    recorder.add(raw(2, is_key_frame=False))
    assert kept(recorder) == 2


def test_it_ends_by_itself_after_a_minute_of_pictures():
    recorder = Recorder()
    for number in range(MAX_CLIP_S * 30 + 100):
        recorder.add(raw(number, is_key_frame=number == 0))
    assert not recorder.running
    assert kept(recorder) == MAX_CLIP_S * 30
    with opened(recorder) as container:
        assert container.duration == MAX_CLIP_S * 1_000_000


def test_it_ends_by_itself_after_a_minute_without_pictures(clock):
    recorder = Recorder()
    recorder.add(raw(0))
    clock.now += MAX_CLIP_S - 0.1
    assert (recorder.running, recorder.seconds) == (True, MAX_CLIP_S - 0.1)
    clock.now += 0.1
    assert not recorder.running
    recorder.add(raw(1))
    assert kept(recorder) == 1


def test_it_ends_by_itself_when_its_memory_is_full():
    recorder = Recorder()
    for number in range(60):
        recorder.add(raw(number, size=1_000_000))
    assert not recorder.running
    assert kept(recorder) == MAX_CLIP_BYTES // 1_000_000
    assert len(recorder.webm()) < MAX_CLIP_BYTES * 1.001


def test_a_picture_of_another_clock_ends_it():
    recorder = Recorder()
    recorder.add(raw(10))
    recorder.add(raw(20))
    recorder.add(raw(15))
    assert not recorder.running
    assert kept(recorder) == 2


def test_stopping_keeps_what_was_recorded_and_nothing_more():
    recorder = Recorder()
    record(recorder, 30)
    recorder.stop()
    recorder.add(raw(30))
    assert not recorder.running
    assert len(decoded(recorder)) == 30
    assert recorder.webm() is recorder.webm()  # made once
    assert not recorder._pictures  # which the file took the place of


def test_without_a_picture_there_is_no_clip():
    recorder = Recorder()
    assert recorder.webm() == b""
    assert not recorder.running


def test_a_frame_knows_its_own_recorder_for_as_long_as_it_lives():
    """PyAV forgets an object that two frames share as soon as one of them is gone."""
    recorders = [Recorder(), Recorder()]
    frames = [av.VideoFrame(64, 48, "yuv420p") for _ in range(20)]
    for i, frame in enumerate(frames):
        record_with(recorders[i % 2], frame)
    del frames[:10]
    assert [recorder_of(frame) for frame in frames] == recorders * 5
    record_with(None, frames[0])
    assert recorder_of(frames[0]) is None
    assert recorder_of(av.VideoFrame(64, 48, "yuv420p")) is None
