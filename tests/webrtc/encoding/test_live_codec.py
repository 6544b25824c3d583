"""The open encoder of live pictures. Its rates and sizes are in test_encoder.py."""

import itertools

import av
import pytest

from colorfilter.webrtc.encoding import bit_budget, live_codec
from colorfilter.webrtc.encoding.live_codec import LibvpxCodec
from colorfilter.webrtc.engine import pacer
from tests.support.moving import shapes


def test_after_each_key_frame_edges_are_smoothed_for_half_a_second():
    """RFC 6386, section 9.1: the version that a frame names, and whether it is a key frame."""
    codec = LibvpxCodec(320, 240, 900_000)
    frame = av.VideoFrame.from_ndarray(shapes(320, 240, [(8, 40)]), "rgb24").reformat(format="yuv420p")
    pictures = [codec.encode(frame, i == 40, i / 30) for i in range(70)]
    kinds = [(picture[0] >> 1 & 7, not picture[0] & 1) for picture in pictures]
    key_frame = [(0, True)] + [(0, False)] * 14
    assert kinds == key_frame + [(1, False)] * 25 + key_frame + [(1, False)] * 15


@pytest.mark.parametrize(("rate", "seconds", "version"), [(900_000, 0, 1), (450_000, 0, 0), (450_000, 0.02, 1)])
def test_where_bits_are_scarce_edges_are_smoothed_for_good_unless_pictures_take_too_long(rate, seconds, version):
    """A third of a second after the first key frame's half second; `seconds` is what a picture takes."""
    codec = LibvpxCodec(320, 240, rate, clock=itertools.count(0, seconds).__next__)
    frame = av.VideoFrame.from_ndarray(shapes(320, 240, [(8, 40)]), "rgb24").reformat(format="yuv420p")
    pictures = [codec.encode(frame, False, i / 30) for i in range(60)]
    assert {picture[0] >> 1 & 7 for picture in pictures[25:]} == {version}


@pytest.mark.parametrize(("cores", "threads"), [(1.5, 1), (4.0, 2)])
def test_it_has_the_threads_that_the_cores_left_to_this_process_allow(cores, threads, monkeypatch):
    """A container's limit counts; `number_of_threads` of aiortc/codecs/vpx.py has the table."""
    monkeypatch.setattr(live_codec, "available_cores", lambda: cores)
    assert LibvpxCodec(1280, 720, 900_000)._codec._config.g_threads == threads


def test_what_may_be_owed_leaves_spread_over_time():
    assert bit_budget.DEBT_LIMIT_S < pacer.MAX_WAIT_S
