from fractions import Fraction

import numpy as np
import pytest
from av import VideoFrame
from av.video.reformatter import ColorRange
from hypothesis import given, settings
from hypothesis import strategies as st

from colorfilter import PRESETS, ColorFilter, filter_frame
from colorfilter.frames import sample_rgb, to_rgb
from tests.support import reference

CUSTOM = [ColorFilter.from_hex("#ff8844"), ColorFilter("black", (0, 0, 0))]
ALL = [*PRESETS.values(), *CUSTOM]


def noise(seed=0):
    rng = np.random.default_rng(seed)
    return lambda shape: rng.integers(0, 256, shape, np.uint8)


def assert_exact(frame, color_filter):
    """Every sample is the exact one, rounded: well within the 3 levels, and 0.75 in the mean, that are promised."""
    out = reference.read_planes(filter_frame(frame, color_filter))
    want = reference.filtered_planes(frame, color_filter.color)
    for ours, exact in zip(out, want, strict=True):
        assert np.abs(ours - exact).max() <= 0.55


@pytest.mark.parametrize("color_filter", ALL[1:], ids=lambda f: f.name)
@pytest.mark.parametrize("size", [(2, 2), (3, 3), (7, 5), (64, 48), (641, 361), (1280, 720)], ids=str)
def test_noise_in_all_planes_against_the_exact_reference(color_filter, size):
    assert_exact(reference.make_frame(*size, noise()), color_filter)


@settings(max_examples=200, deadline=None)
@given(
    color=st.tuples(*3 * [st.integers(0, 255)]).filter(lambda c: c != (255, 255, 255)),
    width=st.integers(2, 70),
    height=st.integers(2, 40),
    seed=st.integers(0, 2**32 - 1),
    spread=st.sampled_from([0, 3, 40, 255]),
)
def test_any_color_any_size(color, width, height, seed, spread):
    """From flat pictures (spread 0) at every level to pure noise (spread 255)."""
    rng = np.random.default_rng(seed)
    frame = reference.make_frame(
        width,
        height,
        lambda shape: ((rng.integers(0, 256) + rng.integers(0, spread + 1, shape)) % 256).astype(np.uint8),
    )
    assert_exact(frame, ColorFilter("any", color))


def test_the_largest_size():
    assert_exact(reference.make_frame(4096, 2160, noise()), ColorFilter.from_hex("#ff8844"))


@pytest.mark.parametrize("size", [(2, 2), (7, 5), (640, 480)], ids=str)
def test_original_keeps_every_sample(size):
    frame = reference.make_frame(*size, noise())
    out = filter_frame(frame, PRESETS["original"])
    for ours, theirs in zip(reference.read_planes(out), reference.read_planes(frame), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("color_filter", ALL, ids=lambda f: f.name)
def test_time_stamps_are_kept_and_the_input_is_never_written(color_filter):
    frame = reference.make_frame(18, 10, noise())
    frame.pts, frame.time_base = 12345, Fraction(1, 90000)
    before = [bytes(plane) for plane in frame.planes]
    out = filter_frame(frame, color_filter)
    assert (out.pts, out.time_base) == (12345, Fraction(1, 90000))
    assert (out.format.name, out.width, out.height) == ("yuv420p", 18, 10)
    assert [bytes(plane) for plane in frame.planes] == before
    np.frombuffer(out.planes[0], np.uint8)[:] = 0  # memory of its own
    assert [bytes(plane) for plane in frame.planes] == before


def test_lines_wider_than_the_picture():
    """A frame with padded lines gives what the same picture gives without them."""
    frame = reference.make_frame(34, 6, noise())
    assert frame.planes[0].line_size > 34
    assert_exact(frame, PRESETS["cyan"])


@pytest.mark.parametrize(
    ("pix_fmt", "samples", "limited"),
    [  # one color in each format, and the same color in limited-range planes by the definition
        ("yuvj420p", (76, 85, 255), (81.3, 90.4, 239.1)),
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


def test_full_range_yuv420p_is_converted_too():
    frame = reference.make_frame(32, 16, lambda shape: np.full(shape, 255, np.uint8))
    for plane in frame.planes[1:]:
        np.frombuffer(plane, np.uint8)[:] = 128
    frame.color_range = ColorRange.JPEG
    out = filter_frame(frame, PRESETS["original"])
    assert [plane.mean() for plane in reference.read_planes(out)] == [235, 128, 128]


@pytest.mark.parametrize("size", [(2, 2), (3, 3), (7, 5), (641, 361), (1280, 720)], ids=str)
def test_as_an_rgb_picture_every_sample_is_exact(size):
    frame = reference.make_frame(*size, noise(3))
    rgb = to_rgb(frame)
    assert rgb.dtype == np.uint8
    assert np.abs(rgb - reference.to_rgb(*reference.read_planes(frame))).max() <= 0.55


def test_full_range_as_an_rgb_picture():
    frame = VideoFrame.from_ndarray(np.full((4, 4, 3), (200, 90, 30), np.uint8), "rgb24").reformat(
        format="yuv420p", dst_color_range=ColorRange.JPEG
    )
    frame.color_range = ColorRange.JPEG
    assert np.abs(to_rgb(frame).astype(int) - (200, 90, 30)).max() <= 4


@pytest.mark.parametrize(("size", "step"), [((64, 48), 8), ((65, 47), 2), ((7, 5), 4), ((1, 1), 2)], ids=str)
def test_a_sample_is_every_so_manyth_pixel(size, step):
    frame = reference.make_frame(*size, noise())
    want = reference.to_rgb(*reference.read_planes(frame))[::step, ::step]
    sample = sample_rgb(frame, step)
    assert sample.dtype == np.uint8
    assert sample.shape == want.shape
    assert np.abs(sample - want).max() <= 0.51
