"""The encoder: full size and careful at first, a new one only when the rate really changes, and no gap ever."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from aiortc.codecs import vpx
from av import CodecContext, Packet

from colorfilter.live.recorder import KEY_FRAME_EVERY, Recorder, record_with
from colorfilter.webrtc import encoder
from colorfilter.webrtc.encoder import LiveEncoder, full_rate, size_at
from colorfilter.webrtc.rate_control import START_BITRATE
from tests.support import reference
from tests.support.moving import Clock, noisy_frames


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The encoder's clock, 1/30 of a second a frame."""
    monkeypatch.setattr(encoder, "time", Clock(1 / 30))


@pytest.fixture
def opened(monkeypatch):
    """The (width, height, rate) of each encoder that is opened."""
    calls = []
    open_vp8 = encoder.open_vp8
    monkeypatch.setattr(encoder, "open_vp8", lambda *args: calls.append(args) or open_vp8(*args))
    return calls


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_the_first_encoder_has_the_full_size_and_the_careful_rate(opened, size):
    live = LiveEncoder()
    for frame in noisy_frames(2, *size):
        live.encode(frame)
    assert opened == [(*size, START_BITRATE)]


def test_small_changes_of_the_rate_open_no_new_encoder(opened):
    live = LiveEncoder()
    for i, frame in enumerate(noisy_frames(60)):
        live.target_bitrate = round(START_BITRATE * (1 + 0.1 * (i % 2)))
        live.encode(frame)
    assert len(opened) == 1


def test_a_slow_network_gets_a_smaller_picture(opened):
    live = LiveEncoder()
    for frame in noisy_frames(25, 1280, 720):
        live.encode(frame)
    live.target_bitrate = 200_000
    for frame in noisy_frames(25, 1280, 720, start=25):
        live.encode(frame)
    width, height, rate = opened[-1]
    assert rate == 200_000
    assert width / height == pytest.approx(16 / 9, rel=0.01)
    assert width < 800


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (1920, 1080)])
def test_at_the_full_rate_the_picture_has_its_size(size):
    assert size_at(*size, full_rate(*size)) == size


@pytest.mark.parametrize(("share", "version"), [(1, 2), (0.4, 0)])
def test_edges_between_blocks_are_smoothed_where_the_rate_makes_them(share, version):
    """RFC 6386, section 9.1: three bits of the first byte; version 0 has the loop filter, 2 has none."""
    codec = encoder.open_vp8(640, 480, round(share * full_rate(640, 480)))
    pictures = [bytes(packet) for frame in noisy_frames(5) for packet in codec.encode(frame)]
    assert {picture[0] >> 1 & 7 for picture in pictures} == {version}


def depayloaded(payloads):
    return b"".join(vpx.vp8_depayload(payload) for payload in payloads)


def is_key_frame(data):
    """RFC 6386, section 9.1: the lowest bit of the first byte is 0 in a key frame."""
    return data[0] & 1 == 0


def test_a_dropped_frame_leaves_no_gap_and_a_key_frame_asked_for_comes_all_the_same():
    """At 100 kbit/s noise is dropped often. A browser waits for ever for a picture whose number was skipped."""
    live = LiveEncoder()
    live._rate_controller._wanted = live._rate = 100_000
    numbers, keys, asked, answered = [], 0, 0, 0
    for i, frame in enumerate(noisy_frames(90, 320, 240)):
        ask = i % 30 == 15
        asked += ask
        payloads, _ = live.encode(frame, force_keyframe=ask)
        if payloads:
            numbers.append(vpx.VpxPayloadDescriptor.parse(payloads[0])[0].picture_id)
            keys += is_key_frame(depayloaded(payloads))
        answered = keys
    assert len(numbers) < 90  # some were dropped
    assert [(b - a) % (1 << 15) for a, b in itertools.pairwise(numbers)] == [1] * (len(numbers) - 1)
    assert answered >= asked + 1


def test_what_it_sends_is_vp8_that_decodes_to_the_picture():
    live, decoder = LiveEncoder(), CodecContext.create("libvpx", "r")
    for i in range(30):  # the first, within its few bits, is coarse
        frame = reference.make_frame(640, 480, lambda shape: np.full(shape, 120, np.uint8))
        frame.pts, frame.time_base = i * 3000, Fraction(1, 90000)
        payloads, _ = live.encode(frame)
        (decoded,) = decoder.decode(Packet(depayloaded(payloads)))
    for plane in reference.read_planes(decoded):
        assert np.abs(plane - 120).max() <= 3


def recorded(live, recorder, some):
    """What the encoder sends of these frames, recorded by `recorder` if there is one, put together."""
    for frame in some:
        record_with(recorder, frame)
        payloads, timestamp = live.encode(frame)
        if payloads:
            yield depayloaded(payloads), timestamp


def test_a_recorder_hears_what_its_viewer_is_sent_from_a_key_frame_on_and_nothing_else():
    live, other, recorder = LiveEncoder(), LiveEncoder(), Recorder()
    list(recorded(live, None, noisy_frames(10)))
    sent = []
    for i in range(10, 10 + 30 * KEY_FRAME_EVERY + 5):
        sent += recorded(live, recorder, noisy_frames(1, start=i))
        list(recorded(other, None, noisy_frames(1, start=i)))
    heard = list(recorder._pictures)
    assert [(picture.data, picture.timestamp) for picture in heard] == sent
    assert [picture.is_key_frame for picture in heard] == [is_key_frame(data) for data, _ in sent]
    assert heard[0].is_key_frame
    assert {picture.size for picture in heard} == {(640, 480)}
    later = [picture.timestamp for picture in heard[1:] if picture.is_key_frame]
    assert any(timestamp - heard[0].timestamp >= KEY_FRAME_EVERY * 90000 for timestamp in later)


def test_a_recorder_hears_of_a_smaller_picture_in_a_key_frame(opened):
    live, recorder = LiveEncoder(), Recorder()
    for i in range(50):
        if i == 25:
            live.target_bitrate = 200_000
        list(recorded(live, recorder, noisy_frames(1, 1280, 720, start=i)))
    sizes = [(picture.size, picture.is_key_frame) for picture in recorder._pictures]
    first = next(i for i, (size, _) in enumerate(sizes) if size != (1280, 720))
    assert sizes[first] == (opened[-1][:2], True)
    assert all(size == opened[-1][:2] for size, _ in sizes[first:])
