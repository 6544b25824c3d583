"""Frames in other formats, sizes and codings, as pictures, and what a filtered one keeps."""

from fractions import Fraction

import colour
import numpy as np
import pytest
from av import VideoFrame
from av.video.reformatter import ColorRange

from colorfilter import PRESETS, ColorFilter, filter_frame
from colorfilter.frames import as_bt601, patch_rgb, sample_rgb, to_rgb
from tests.support import reference

CUSTOM = [ColorFilter.from_hex("#ff8844"), ColorFilter("black", (0, 0, 0))]
ALL = [*PRESETS.values(), *CUSTOM]


@pytest.mark.parametrize("size", [(2, 2), (7, 5), (640, 480)], ids=str)
def test_original_keeps_every_sample(size):
    frame = reference.make_frame(*size, reference.noise())
    out = filter_frame(frame, PRESETS["original"])
    for ours, theirs in zip(reference.read_planes(out), reference.read_planes(frame), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("color_filter", ALL, ids=lambda f: f.name)
def test_time_stamps_are_kept_and_the_input_is_never_written(color_filter):
    frame = reference.make_frame(18, 10, reference.noise())
    frame.pts, frame.time_base = 12345, Fraction(1, 90000)
    before = [bytes(plane) for plane in frame.planes]
    out = filter_frame(frame, color_filter)
    assert (out.pts, out.time_base) == (12345, Fraction(1, 90000))
    assert (out.format.name, out.width, out.height) == ("yuv420p", 18, 10)
    assert [bytes(plane) for plane in frame.planes] == before
    np.frombuffer(out.planes[0], np.uint8)[:] = 0  # memory of its own
    assert [bytes(plane) for plane in frame.planes] == before


@pytest.mark.parametrize(
    ("pix_fmt", "samples", "limited"),
    [  # one color in each format, and the same color in limited-range planes by the definition
        ("rgb24", ((255, 0, 0),), (81.5, 90.2, 240)),
        ("nv12", (81, (90, 240)), (81, 90, 240)),
    ],
)
def test_other_pixel_formats_are_converted_first(pix_fmt, samples, limited):
    frame = VideoFrame(32, 16, pix_fmt)
    for plane, sample in zip(frame.planes, samples, strict=True):
        np.frombuffer(plane, np.uint8).reshape(-1, np.size(sample))[:] = sample
    frame.pts, frame.time_base = 7, Fraction(1, 30)
    for name in ("original", "red"):  # pure red: both let it through
        out = filter_frame(frame, PRESETS[name])
        assert (out.format.name, out.pts, out.time_base) == ("yuv420p", 7, Fraction(1, 30))
        for plane, want in zip(reference.read_planes(out), limited, strict=True):
            assert np.abs(plane - want).max() <= 3
    black = reference.read_planes(filter_frame(frame, PRESETS["cyan"]))
    for plane, want in zip(black, (16, 128, 128), strict=True):
        assert np.abs(plane - want).max() <= 3


@pytest.mark.parametrize("name", ["original", "red"])
def test_the_tags_are_kept(name):
    frame = reference.tagged(reference.make_frame(18, 10, reference.noise()), 1, full=True)
    out = filter_frame(frame, PRESETS[name])
    tags = out.format.name, out.colorspace, out.color_range, out.color_primaries, out.color_trc
    assert tags == ("yuv420p", 1, ColorRange.JPEG, 9, 14)


def test_no_tags_stay_none():
    out = filter_frame(reference.make_frame(18, 10, reference.noise()), PRESETS["red"])
    assert (out.colorspace, out.color_range, out.color_primaries, out.color_trc) == (2, ColorRange.UNSPECIFIED, 2, 2)


def test_jpegs_format_is_full_range_by_its_name():
    frame = VideoFrame(32, 16, "yuvj420p")
    for plane, sample in zip(frame.planes, (76, 85, 255), strict=True):  # JFIF's red
        np.frombuffer(plane, np.uint8)[:] = sample
    out = filter_frame(frame, PRESETS["red"])
    assert (out.format.name, out.color_range) == ("yuv420p", ColorRange.JPEG)
    for plane, want in zip(reference.read_planes(out), (76, 85, 255), strict=True):
        assert np.abs(plane - want).max() <= 1


def test_a_matrix_that_is_no_weighted_sum_is_refused():
    frame = reference.tagged(reference.make_frame(18, 10, reference.noise()), 14, full=False)  # ICtCp
    with pytest.raises(ValueError, match="matrix 14"):
        filter_frame(frame, PRESETS["red"])


@pytest.mark.parametrize(("tag", "full"), [(1, False), (5, True), (1, True)])
def test_for_webrtc_it_becomes_limited_bt601(tag, full):
    """One color, R 200, G 90, B 30, in every coding."""
    kr, kb = colour.WEIGHTS_YCBCR["ITU-R BT.709" if tag == 1 else "ITU-R BT.601"]
    luma = kr * 200 + (1 - kr - kb) * 90 + kb * 30
    u, v = (30 - luma) / (2 - 2 * kb), (200 - luma) / (2 - 2 * kr)
    codes = (luma, 128 + u, 128 + v) if full else (16 + luma * 219 / 255, 128 + u * 224 / 255, 128 + v * 224 / 255)
    frame = reference.tagged(VideoFrame(64, 48, "yuv420p"), tag, full)
    for plane, code in zip(frame.planes, codes, strict=True):
        np.frombuffer(plane, np.uint8)[:] = round(code)
    out = as_bt601(frame)
    assert out.color_range != ColorRange.JPEG
    assert np.abs(reference.to_rgb(*reference.read_planes(out)) - (200, 90, 30)).max() <= 4


@pytest.mark.parametrize("tag", [2, 5, 6])
def test_what_a_vp8_decoder_gives_is_left_as_it_is(tag):
    """FFmpeg's own decoder tags BT.470BG, libvpx's, which aiortc takes, no matrix; both limited range."""
    frame = reference.tagged(reference.make_frame(18, 10, reference.noise()), tag, full=False)
    assert as_bt601(frame) is frame


@pytest.mark.parametrize("size", [(2, 2), (3, 3), (7, 5), (641, 361), (1280, 720)], ids=str)
def test_as_an_rgb_picture_every_sample_is_exact(size):
    frame = reference.make_frame(*size, reference.noise(3))
    rgb = to_rgb(frame)
    assert rgb.dtype == np.uint8
    assert np.abs(rgb - reference.to_rgb(*reference.read_planes(frame))).max() <= 0.55


@pytest.mark.parametrize(("swscale", "tag"), [(1, 1), (5, 6)])
def test_full_range_as_an_rgb_picture(swscale, tag):
    frame = VideoFrame.from_ndarray(np.full((4, 4, 3), (200, 90, 30), np.uint8), "rgb24").reformat(
        format="yuv420p", dst_colorspace=swscale, dst_color_range=ColorRange.JPEG
    )
    assert (frame.colorspace, frame.color_range) == (tag, ColorRange.JPEG)
    assert np.abs(sample_rgb(frame, 2).astype(int) - (200, 90, 30)).max() <= 4
    assert np.abs(to_rgb(frame).astype(int) - (200, 90, 30)).max() <= 4


@pytest.mark.parametrize(("size", "step"), [((64, 48), 8), ((65, 47), 2), ((7, 5), 4), ((1, 1), 2)], ids=str)
def test_a_sample_is_every_so_manyth_pixel(size, step):
    frame = reference.make_frame(*size, reference.noise())
    want = reference.to_rgb(*reference.read_planes(frame))[::step, ::step]
    sample = sample_rgb(frame, step)
    assert sample.dtype == np.uint8
    assert sample.shape == want.shape
    assert np.abs(sample - want).max() <= 0.51


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv444p"])
@pytest.mark.parametrize("size", [(64, 48), (65, 47), (6, 4), (1, 1)], ids=str)
@pytest.mark.parametrize("place", [(0, 0), (0.5, 0.5), (0.9, 0.2), (1, 1)], ids=str)
def test_a_patch_is_the_pixels_around_a_place(place, size, pix_fmt):
    frame = reference.make_frame(*size, reference.noise(), pix_fmt)
    whole = to_rgb(frame).astype(int)
    patch = patch_rgb(frame, *place, 4)
    height, width = patch.shape[:2]
    assert 1 <= height <= 8
    assert 1 <= width <= 8
    x, y = (min(int(share * side), side - 1) for share, side in zip(place, size, strict=True))
    found = [
        (top, left)
        for top in range(whole.shape[0] - height + 1)
        for left in range(whole.shape[1] - width + 1)
        if np.abs(whole[top : top + height, left : left + width] - patch).max() <= 1
    ]
    assert any(top <= y < top + height and left <= x < left + width for top, left in found)
