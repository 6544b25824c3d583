from fractions import Fraction
from hashlib import blake2b

import colour
import numpy as np
import pytest
from av import VideoFrame
from av.video.reformatter import ColorRange
from hypothesis import given, settings
from hypothesis import strategies as st

from colorfilter import PRESETS, ColorFilter, filter_frame
from colorfilter.frames import PLANAR_BITS, as_bt601, patch_rgb, sample_rgb, to_rgb
from tests.support import reference

CUSTOM = [ColorFilter.from_hex("#ff8844"), ColorFilter("black", (0, 0, 0))]
ALL = [*PRESETS.values(), *CUSTOM]


def noise(seed=0):
    rng = np.random.default_rng(seed)
    return lambda shape: rng.integers(0, 256, shape, np.uint8)


# BLAKE2b of the Y, U and V samples that version 1.0.0 made of the frame below.
MADE_BY_1_0 = {
    "original": "3913e85315b33efc",
    "red": "91b25019d55c90b5",
    "green": "5dceda63e6dad874",
    "blue": "f2f9c4482202c526",
    "yellow": "4e1898ea0d60a55c",
    "pink": "f1c09e1a5c54aa29",
    "cyan": "d24281c91d7ba100",
}


@pytest.mark.parametrize("name", MADE_BY_1_0)
def test_every_bit_is_as_version_1_0_made_it(name):
    samples = np.random.default_rng(7).integers(0, 256, (216, 256), np.uint8)
    filtered = filter_frame(VideoFrame.from_ndarray(samples, "yuv420p"), PRESETS[name])
    planes = b"".join(np.ascontiguousarray(plane).tobytes() for plane in reference.read_planes(filtered))
    assert blake2b(planes, digest_size=8).hexdigest() == MADE_BY_1_0[name]


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


# The matrix that a frame is tagged with, as FFmpeg numbers it, and its name in colour-science.
MATRICES = [(1, "ITU-R BT.709"), (5, "ITU-R BT.601"), (6, "ITU-R BT.601"), (9, "ITU-R BT.2020")]


@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize(("tag", "name"), MATRICES, ids=str)
@pytest.mark.parametrize("color", [(255, 0, 0), (0, 255, 0), (255, 255, 0), (255, 136, 68)], ids=str)
def test_each_matrix_and_range_as_colour_science_has_it(tag, name, full, color):
    assert_as_colour_science("yuv420p", (66, 35), tag, name, full, color)


@pytest.mark.parametrize("size", [(66, 35), (7, 4), (1, 1)], ids=str)
@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize("pix_fmt", [name for name in PLANAR_BITS if "j" not in name])
def test_each_sampling_and_depth_is_filtered_as_it_is(pix_fmt, full, size):
    for color in ((255, 0, 0), (0, 255, 0), (255, 136, 68), (0, 0, 0)):
        assert_as_colour_science(pix_fmt, size, 9, "ITU-R BT.2020", full, color)


def assert_as_colour_science(pix_fmt, size, tag, name, full, color):
    (width, height), bits = size, PLANAR_BITS[pix_fmt]
    frame = tagged(VideoFrame(width, height, pix_fmt), tag, full)
    rng = np.random.default_rng(5)
    for plane in codes_of(frame):
        plane[:] = rng.choice([0, (1 << bits) - 1, *rng.integers(0, 1 << bits, 20)], plane.shape)
    out = filter_frame(frame, ColorFilter("any", color))
    assert out.format.name == pix_fmt
    weights, codes = colour.WEIGHTS_YCBCR[name], colour.models.rgb.ycbcr.ranges_YCbCr(bits, not full, True)
    y, u, v = (plane.astype(float) for plane in codes_of(frame))
    rows, columns = 1 + (u.shape[0] < height), 1 + (u.shape[1] < width)
    samples = np.stack([y, *(c.repeat(rows, 0).repeat(columns, 1)[:height, :width] for c in (u, v))], axis=2)
    rgb = colour.YCbCr_to_RGB(samples, weights, in_range=codes, out_range=(0, 255)).clip(0, 255)
    dimmed = rgb * np.array(color) / 255
    y, u, v = np.moveaxis(colour.RGB_to_YCbCr(dimmed, weights, in_range=(0, 255), out_range=codes), 2, 0)
    want = y, shared(u, rows, columns), shared(v, rows, columns)
    allowed = 0.5 + (0.06, 0.2, 0.8)[bits // 2 - 4]  # 16-bit sums in between: 64 steps a code of 10 bits, 16 of 12
    for ours, exact in zip(codes_of(out), want, strict=True):
        assert np.abs(ours - exact.clip(0, (1 << bits) - 1)).max() <= allowed


def codes_of(frame):
    """The samples of each plane, without the padding."""
    sample = np.uint8 if PLANAR_BITS[frame.format.name] == 8 else np.dtype("<u2")
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size).view(sample)[: plane.height, : plane.width]
        for plane in frame.planes
    ]


def shared(plane, rows, columns):
    """The mean of the pixels that share a sample of chroma, of those there are at an odd edge."""
    height, width = plane.shape
    plane = np.pad(plane, ((0, -height % rows), (0, -width % columns)), mode="edge")
    return plane.reshape(plane.shape[0] // rows, rows, plane.shape[1] // columns, columns).mean((1, 3))


def tagged(frame, tag, full):
    frame.colorspace, frame.color_range = tag, ColorRange.JPEG if full else ColorRange.MPEG
    frame.color_primaries, frame.color_trc = 9, 14
    return frame


@pytest.mark.parametrize("name", ["original", "red"])
def test_the_tags_are_kept(name):
    frame = tagged(reference.make_frame(18, 10, noise()), 1, full=True)
    out = filter_frame(frame, PRESETS[name])
    tags = out.format.name, out.colorspace, out.color_range, out.color_primaries, out.color_trc
    assert tags == ("yuv420p", 1, ColorRange.JPEG, 9, 14)


def test_no_tags_stay_none():
    out = filter_frame(reference.make_frame(18, 10, noise()), PRESETS["red"])
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
    frame = tagged(reference.make_frame(18, 10, noise()), 14, full=False)  # ICtCp
    with pytest.raises(ValueError, match="matrix 14"):
        filter_frame(frame, PRESETS["red"])


@pytest.mark.parametrize(("tag", "full"), [(1, False), (5, True), (1, True)])
def test_for_webrtc_it_becomes_limited_bt601(tag, full):
    """One color, R 200, G 90, B 30, in every coding."""
    kr, kb = colour.WEIGHTS_YCBCR["ITU-R BT.709" if tag == 1 else "ITU-R BT.601"]
    luma = kr * 200 + (1 - kr - kb) * 90 + kb * 30
    u, v = (30 - luma) / (2 - 2 * kb), (200 - luma) / (2 - 2 * kr)
    codes = (luma, 128 + u, 128 + v) if full else (16 + luma * 219 / 255, 128 + u * 224 / 255, 128 + v * 224 / 255)
    frame = tagged(VideoFrame(64, 48, "yuv420p"), tag, full)
    for plane, code in zip(frame.planes, codes, strict=True):
        np.frombuffer(plane, np.uint8)[:] = round(code)
    out = as_bt601(frame)
    assert out.color_range != ColorRange.JPEG
    assert np.abs(reference.to_rgb(*reference.read_planes(out)) - (200, 90, 30)).max() <= 4


@pytest.mark.parametrize("tag", [2, 5, 6])
def test_what_a_vp8_decoder_gives_is_left_as_it_is(tag):
    """FFmpeg's own decoder tags BT.470BG, libvpx's, which aiortc takes, no matrix; both limited range."""
    frame = tagged(reference.make_frame(18, 10, noise()), tag, full=False)
    assert as_bt601(frame) is frame


@pytest.mark.parametrize("size", [(2, 2), (3, 3), (7, 5), (641, 361), (1280, 720)], ids=str)
def test_as_an_rgb_picture_every_sample_is_exact(size):
    frame = reference.make_frame(*size, noise(3))
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
    frame = reference.make_frame(*size, noise())
    want = reference.to_rgb(*reference.read_planes(frame))[::step, ::step]
    sample = sample_rgb(frame, step)
    assert sample.dtype == np.uint8
    assert sample.shape == want.shape
    assert np.abs(sample - want).max() <= 0.51


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv444p"])
@pytest.mark.parametrize("size", [(64, 48), (65, 47), (6, 4), (1, 1)], ids=str)
@pytest.mark.parametrize("place", [(0, 0), (0.5, 0.5), (0.9, 0.2), (1, 1)], ids=str)
def test_a_patch_is_the_pixels_around_a_place(place, size, pix_fmt):
    frame = reference.make_frame(*size, noise(), pix_fmt)
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
