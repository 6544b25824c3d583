"""libvpx itself: rates that change with no key frame, the picture that comes out, and memory that is freed."""

import gc
import sys
import threading

import av
import numpy as np
import pytest

from colorfilter.frames import planes
from colorfilter.webrtc.encoding import libvpx, libvpx_abi
from colorfilter.webrtc.encoding.libvpx import LibvpxError, Vp8Codec, Vp8Settings
from colorfilter.webrtc.encoding.libvpx_abi import LibvpxUnavailableError, ffi, load_libvpx
from colorfilter.webrtc.encoding.vp8 import is_key_frame, key_frame_size
from tests.support.moving import hard_scene, noisy_frames, shapes


def encode(codec, frames, key_frames=(), start=0):
    return [codec.encode(frame, (start + i) * 3000, i in key_frames) for i, frame in enumerate(frames)]


def version(picture):
    """The profile that a picture names (RFC 6386, section 9.1)."""
    return picture[0] >> 1 & 7


def bitrate(pictures):
    return sum(map(len, pictures)) * 8 * 30 / len(pictures)


def test_the_structs_have_the_sizes_that_a_c_compiler_gives_them():
    """sizeof and offsetof of libvpx 1.16.0's own headers, on x86-64 and arm64 Linux and macOS."""
    sizes = {name: ffi.sizeof(f"vpx_{name}_t") for name in ("codec_enc_cfg", "codec_ctx", "image", "codec_cx_pkt")}
    assert sizes == {"codec_enc_cfg": 504, "codec_ctx": 56, "image": 136, "codec_cx_pkt": 136}
    assert ffi.offsetof("vpx_codec_enc_cfg_t", "rc_target_bitrate") == 112
    assert ffi.offsetof("vpx_codec_enc_cfg_t", "kf_max_dist") == 168
    assert ffi.offsetof("vpx_image_t", "stride") == 80


def test_a_new_rate_is_followed_with_no_key_frame():
    codec, frames = Vp8Codec(640, 480, 1_500_000, Vp8Settings()), list(hard_scene(640, 480, 6, noise=2))[180:]
    before = encode(codec, frames[:60])
    codec.set_bitrate(600_000)
    low = encode(codec, frames[60:120], start=60)
    codec.set_bitrate(1_500_000)
    high = encode(codec, frames[120:], start=120)
    assert bitrate(before[30:]) == pytest.approx(1_500_000, rel=0.15)
    assert bitrate(low) == pytest.approx(600_000, rel=0.15)
    assert bitrate(high) == pytest.approx(1_500_000, rel=0.15)
    assert [is_key_frame(picture) for picture in before + low + high] == [True] + [False] * 179


def test_a_key_frame_comes_when_it_is_asked_for():
    pictures = encode(Vp8Codec(320, 240, 900_000, Vp8Settings()), noisy_frames(9, 320, 240), key_frames=(5,))
    assert [i for i, picture in enumerate(pictures) if is_key_frame(picture)] == [0, 5]
    assert key_frame_size(pictures[5]) == (320, 240)


def test_no_picture_is_finer_than_it_may_be():
    codec, frames = Vp8Codec(320, 240, 3_000_000, Vp8Settings()), list(noisy_frames(4, 320, 240))
    encode(codec, frames[:2])
    assert codec.last_quantizer < 63
    codec.set_min_quantizer(63)
    encode(codec, frames[2:], start=2)
    assert codec.last_quantizer == 63


@pytest.mark.parametrize("size", [(640, 480), (641, 479), (33, 17), (322, 242)])
@pytest.mark.parametrize("decoder", ["libvpx", "vp8"])
@pytest.mark.parametrize("profile", [0, 1, 2])
def test_what_it_sends_decodes_to_the_picture(size, decoder, profile):
    """Odd sizes, and lines that are longer than the picture is wide; libvpx's decoder and FFmpeg's own."""
    picture = shapes(*size, [(8, 40)])
    frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="yuv420p")
    assert frame.planes[0].line_size > frame.width or frame.width % 32 == 0
    codec = Vp8Codec(*size, 2_000_000, Vp8Settings(profile=profile))
    decoder = av.CodecContext.create(decoder, "r")
    for picture in encode(codec, [frame] * 10):
        (decoded,) = decoder.decode(av.Packet(picture))
    for ours, theirs in zip(planes(frame), planes(decoded), strict=True):
        error = np.mean((ours.astype(float) - theirs) ** 2)
        assert 10 * np.log10(255**2 / error) > 38


@pytest.mark.parametrize("decoder", ["libvpx", "vp8"])
def test_the_profile_changes_with_any_frame_with_no_key_frame_and_decoders_follow(decoder):
    codec, decoder = Vp8Codec(320, 240, 3_000_000, Vp8Settings()), av.CodecContext.create(decoder, "r")
    profiles, errors = [0, 0, 1, 1, 1, 0, 1, 0, 0, 1] * 4, []
    for i, (frame, profile) in enumerate(zip(noisy_frames(len(profiles), 320, 240), profiles, strict=True)):
        codec.set_profile(profile)
        picture = codec.encode(frame, i * 3000)
        assert (version(picture), is_key_frame(picture)) == (profile, i == 0)
        (decoded,) = decoder.decode(av.Packet(picture))
        errors.append(np.mean((planes(frame)[0].astype(float) - planes(decoded)[0]) ** 2))
    assert max(errors[-10:]) < 1.2 * max(errors[2:10])  # it does not drift away


def test_a_frame_of_another_size_or_format_is_refused():
    codec = Vp8Codec(320, 240, 900_000, Vp8Settings())
    for frame in (av.VideoFrame(322, 240, "yuv420p"), av.VideoFrame(320, 240, "rgb24")):
        with pytest.raises(ValueError, match="320x240"):
            codec.encode(frame, 0)


def test_a_size_that_vp8_does_not_have_is_refused():
    with pytest.raises(LibvpxError):
        Vp8Codec(20_000, 240, 900_000, Vp8Settings())


def test_closed_it_encodes_no_more_and_may_be_closed_again():
    codec = Vp8Codec(320, 240, 900_000, Vp8Settings())
    codec.close()
    codec.close()
    with pytest.raises(LibvpxError, match="closed"):
        codec.encode(next(noisy_frames(1, 320, 240)), 0)


def test_another_abi_is_refused(monkeypatch):
    monkeypatch.setattr(libvpx_abi, "ENCODER_ABI", 38)
    with pytest.raises(LibvpxUnavailableError, match="ABI"):
        load_libvpx.__wrapped__()


def test_a_missing_library_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(av, "__file__", str(tmp_path / "av" / "__init__.py"))
    with pytest.raises(LibvpxUnavailableError, match="no libvpx"):
        load_libvpx.__wrapped__()


class CountedLibrary:
    """libvpx, whose encoders are counted as they are opened and freed."""

    def __init__(self):
        self._library = load_libvpx()
        self.opened = self.freed = 0

    def __getattr__(self, name):
        return getattr(self._library, name)

    def vpx_codec_enc_init_ver(self, *args):
        self.opened += 1
        return self._library.vpx_codec_enc_init_ver(*args)

    def vpx_codec_destroy(self, context):
        self.freed += 1
        return self._library.vpx_codec_destroy(context)


def test_each_encoder_is_freed_once_closed_or_dropped(monkeypatch):
    library = CountedLibrary()
    monkeypatch.setattr(libvpx, "load_libvpx", lambda: library)
    for i in range(10):
        codec = Vp8Codec(320, 240, 900_000, Vp8Settings())
        if i % 2:
            codec.close()
            codec.close()
        del codec
    gc.collect()
    assert (library.opened, library.freed) == (10, 10)


@pytest.fixture
def no_switch():
    """A thread runs on until it waits or calls what lets the interpreter's lock go."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    yield
    sys.setswitchinterval(usual)


def test_the_interpreter_goes_on_while_it_encodes(no_switch):
    """A second thread is due at each frame, and this one does not wait: only libvpx lets it run."""
    codec, frame = Vp8Codec(1280, 720, 9_000_000, Vp8Settings(cpu_used=0)), next(noisy_frames(1, 1280, 720))
    due, ran = threading.Lock(), []
    due.acquire()
    thread = threading.Thread(target=lambda: ran.append(due.acquire()))
    thread.start()
    due.release()
    for i in range(20):
        codec.encode(frame, i * 3000)
        if ran:
            break
    assert ran
    thread.join()
