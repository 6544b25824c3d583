"""Color filters on planes against the exact reference, and against colour-science for each matrix, range and depth."""

from hashlib import blake2b

import colour
import numpy as np
import pytest
from av import VideoFrame
from hypothesis import given, settings
from hypothesis import strategies as st

from colorfilter import PRESETS, ColorFilter, filter_frame
from colorfilter.frames import PLANAR_BITS
from tests.support import reference

FILTERS = [PRESETS[name] for name in list(PRESETS)[1:]]
FILTERS += [ColorFilter.from_hex("#ff8844"), ColorFilter("black", (0, 0, 0))]


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


@pytest.mark.parametrize("color_filter", FILTERS, ids=lambda f: f.name)
@pytest.mark.parametrize("size", [(2, 2), (3, 3), (7, 5), (64, 48), (641, 361), (1280, 720)], ids=str)
def test_noise_in_all_planes_against_the_exact_reference(color_filter, size):
    assert_exact(reference.make_frame(*size, reference.noise()), color_filter)


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
    assert_exact(reference.make_frame(4096, 2160, reference.noise()), ColorFilter.from_hex("#ff8844"))


def test_lines_wider_than_the_picture():
    """A frame with padded lines gives what the same picture gives without them."""
    frame = reference.make_frame(34, 6, reference.noise())
    assert frame.planes[0].line_size > 34
    assert_exact(frame, PRESETS["cyan"])


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
    frame = reference.tagged(VideoFrame(width, height, pix_fmt), tag, full)
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
