"""Pictures that are too large, or too many, are not decoded, nor what needs them."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorfilter.host.settings import Settings
from colorfilter.webrtc.engine import decoder
from colorfilter.webrtc.engine.picture_gate import PictureGate, PictureLimit

RATE = Settings().max_picture_rate
INTER = b"\x01" + bytes(40)


def key_frame(width, height):
    """The first bytes of a VP8 key frame (RFC 6386, section 9.1)."""
    return b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(30)


@pytest.mark.parametrize("size", [(640, 480), (1920, 1080), (1080, 1920), (1920, 1200)])
def test_pictures_of_a_camera_are_decoded(size):
    gate = PictureGate(RATE)
    assert gate.admit(key_frame(*size), 0.0)
    assert all(gate.admit(INTER, count / 60) for count in range(600))


@pytest.mark.parametrize("size", [(4096, 4096), (8192, 8192), (16383, 200), (3840, 2160)])
def test_one_that_is_too_large_is_not_nor_what_needs_it(size):
    gate = PictureGate(RATE)
    assert gate.admit(key_frame(640, 480), 0.0)
    assert not gate.admit(key_frame(*size), 0.1)
    assert not gate.admit(INTER, 0.2)
    assert gate.admit(key_frame(640, 480), 0.3)
    assert gate.admit(INTER, 0.4)


@pytest.mark.parametrize(("pixels", "taken"), [(4 * 640 * 480, True), (640 * 480, False)])
def test_a_connection_has_a_limit_of_its_own_which_may_change(pixels, taken):
    limit = PictureLimit()
    gate = PictureGate(RATE, limit)
    assert gate.admit(key_frame(1280, 720), 0.0)
    limit.pixels = pixels
    assert gate.admit(INTER, 0.1)
    assert gate.admit(key_frame(1280, 720), 0.2) is taken
    assert gate.admit(INTER, 0.3) is taken
    assert limit.refused == (0 if taken else 2)


def test_no_limit_of_a_connection_is_above_that_of_all():
    limit = PictureLimit(pixels=10**9)
    assert not PictureGate(RATE, limit).admit(key_frame(4096, 4096), 0.0)


def test_of_a_thousand_pictures_a_second_few_are_decoded():
    gate = PictureGate(RATE)
    taken = sum(gate.admit(key_frame(64, 64), count / 1000) for count in range(10_000))
    assert taken <= 11 * RATE


@given(st.binary(max_size=64))
def test_junk_is_decided_upon(junk):
    assert PictureGate(RATE).admit(junk, 0.0) in (True, False)


def test_the_decoder_never_sees_a_picture_that_is_too_large(monkeypatch):
    seen = []
    monkeypatch.setattr(decoder.vpx.Vp8Decoder, "decode", lambda self, frame: seen.append(frame.data) or [])
    live = decoder.LiveDecoder()
    for data in (key_frame(640, 480), key_frame(8192, 8192), INTER, key_frame(320, 240)):
        assert live.decode(decoder.PictureBatch([(0, data)], 0.0)) == []
    assert seen == [key_frame(640, 480), key_frame(320, 240)]
