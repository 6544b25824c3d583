"""Vision filters on video frames, against the same in floating point through RGB at full chroma resolution."""

import re
from pathlib import Path

import numpy as np
import pytest
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from daltonlens import convert

from colorfilter import PRESETS, VISION, filter_frame, filter_image
from colorfilter.frames import PLANAR_BITS, filter_planes, planes
from colorfilter.stills import drawing
from tests.support import pictures, reference

NAMES = pytest.mark.parametrize("name", VISION)


def seen(rgb, one):
    """The filter on RGB 0..255 in floating point. The filter's numbers are tested on pictures, against daltonlens."""
    light = convert.linearRGB_from_sRGB(rgb / 255)
    light = light @ one.light_map.a.T + np.maximum(0, light @ one.light_map.c)[..., np.newaxis] * one.light_map.b
    return convert.sRGB_from_linearRGB(light) * 255


def expected(frame, one):
    return reference.from_rgb(seen(reference.to_rgb(*reference.read_planes(frame)), one))


def frame_of(rgb, pix_fmt="yuv420p"):
    """The picture as a camera's frame: exact planes, rounded, with chroma averaged over 2x2 pixels."""
    frame = VideoFrame(rgb.shape[1], rgb.shape[0], pix_fmt)
    for plane, samples in zip(planes(frame), reference.from_rgb(rgb.astype(float)), strict=True):
        plane[:] = np.rint(samples)
    return frame


def errors(frame, one):
    out = reference.read_planes(filter_frame(frame, one))
    return [np.abs(ours - exact) for ours, exact in zip(out, expected(frame, one), strict=True)]


SCENES = {"photo": pictures.photo(720, 1280), "card": drawing.card(1280, 720)}


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("strength", [0.5, 1.0])
@NAMES
def test_frames_that_look_real_are_within_a_level_in_the_mean_and_four_at_99_percent(name, strength, scene):
    for error in errors(frame_of(SCENES[scene]), VISION[name].at_strength(strength)):
        assert error.mean() < 0.75
        assert np.percentile(error, 99) < 4


def worst(frame):
    return max(error.max() for one in VISION.values() for error in errors(frame, one))


def test_the_worst_samples_are_as_near_as_the_documentation_says():
    """Those at the edges of the card's full colors, and in noise whose four pixels have nothing in common."""
    rng = np.random.default_rng(0)
    noise = reference.make_frame(320, 240, lambda shape: rng.integers(0, 256, shape, np.uint8))
    page = (Path(__file__).parents[2] / "docs" / "vision.md").read_text(encoding="utf-8")
    figures = r"full colors it is up to (\d+) levels; on pure noise.*?, up to (\d+)\."
    on_card, on_noise = map(int, re.search(figures, page, re.S).groups())
    assert on_card - 5 < worst(frame_of(SCENES["card"])) <= on_card
    assert on_noise - 5 < worst(noise) <= on_noise


@pytest.mark.parametrize("size", [(64, 48), (7, 5), (2, 2), (3, 3)], ids=str)
@NAMES
def test_where_four_pixels_are_alike_every_sample_is_exact(name, size):
    """All codes of luma and chroma that there are in RGB, and beyond, at whole sizes and odd ones."""
    rng = np.random.default_rng(2)
    width, height = size
    for _ in range(max(1, 3000 // (width * height))):
        frame = VideoFrame(width, height, "yuv420p")
        luma, u, v = planes(frame)
        for plane in (u, v):
            plane[:] = rng.integers(0, 256, plane.shape)
        luma[:] = rng.integers(0, 256, u.shape).repeat(2, 0).repeat(2, 1)[:height, :width]
        chosen = np.array([u.shape, v.shape])
        assert (chosen == chosen[0]).all()
        luma_error, *chroma_errors = errors(frame, VISION[name])
        # Luma outside 16..235 is no light that a screen has: it is cut off only with the sample of the result.
        inside = (luma >= 16) & (luma <= 235)
        assert luma_error[inside].max(initial=0) <= 0.6
        assert max(error.max() for error in chroma_errors) <= 0.6


@NAMES
def test_greys_stay_grey_at_each_level(name):
    rgb = np.arange(256, dtype=np.uint8).repeat(4).reshape(16, 64)[:, :, np.newaxis].repeat(3, axis=2)
    frame = frame_of(rgb)
    luma, *chroma = reference.read_planes(filter_frame(frame, VISION[name]))
    assert np.abs(luma - reference.read_planes(frame)[0]).max() <= 1
    assert all((plane == 128).all() for plane in chroma)


def test_luma_keeps_its_detail():
    """A line of one pixel, in a color that protan changes, is as sharp as it was."""
    rgb = np.full((32, 32, 3), (200, 60, 60), np.uint8)
    rgb[:, 15] = (230, 90, 90)
    before = reference.read_planes(frame_of(rgb))[0]
    after = reference.read_planes(filter_frame(frame_of(rgb), VISION["protan"]))[0]
    assert after[0, 15] - after[0, 14] == pytest.approx(before[0, 15] - before[0, 14], abs=3)


@pytest.mark.parametrize("size", [(64, 48), (641, 361), (1, 1), (5, 2)], ids=str)
def test_in_place_and_into_others_is_the_same(size):
    rng = np.random.default_rng(5)
    frame = reference.make_frame(*size, lambda shape: rng.integers(0, 256, shape, np.uint8))
    want = reference.read_planes(filter_frame(frame, VISION["tritan"]))
    own = planes(frame)
    filter_planes(own, own, VISION["tritan"])
    for ours, theirs in zip(own, want, strict=True):
        assert np.array_equal(ours, theirs)


def test_no_strength_keeps_every_sample():
    rng = np.random.default_rng(6)
    frame = reference.make_frame(64, 48, lambda shape: rng.integers(0, 256, shape, np.uint8))
    out = filter_frame(frame, VISION["deutan"].at_strength(0))
    for ours, theirs in zip(reference.read_planes(out), reference.read_planes(frame), strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("color_range", [ColorRange.MPEG, ColorRange.JPEG])
@pytest.mark.parametrize("matrix", [Colorspace.ITU601, Colorspace.ITU709])
def test_each_matrix_and_range_shows_the_same_colors(matrix, color_range):
    """One picture in all codings, filtered and back in RGB by FFmpeg, beside the picture filtered as a picture."""
    rgb = pictures.blocks((64, 64), seed=4)
    source = VideoFrame.from_ndarray(rgb, "rgb24").reformat(
        format="yuv420p", dst_colorspace=matrix, dst_color_range=color_range
    )
    source.colorspace, source.color_range = matrix, color_range
    out = filter_frame(source, VISION["protan"])
    back = out.reformat(format="rgb24", src_colorspace=matrix, src_color_range=color_range).to_ndarray()
    want = filter_image(rgb, VISION["protan"]).astype(int)
    inner = np.abs(back - want).reshape(8, 8, 8, 8, 3)[:, 2:6, :, 2:6]  # FFmpeg blurs chroma over the edges
    assert inner.mean() < 1.5
    assert np.percentile(inner, 99) <= 6


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("pix_fmt", [name for name in PLANAR_BITS if "j" not in name])
def test_each_sampling_and_number_of_bits(pix_fmt, full_range):
    """Flat blocks of colors in the codes of each format, by the definition; 12 bits are to 1/16 of a level."""
    bits = PLANAR_BITS[pix_fmt]
    one, rgb = VISION["daltonize-tritan"], pictures.blocks((32, 48), seed=9).astype(float)
    frame = VideoFrame(48, 32, pix_fmt)
    frame.color_range = ColorRange.JPEG if full_range else ColorRange.MPEG
    for plane, samples in zip(planes(frame), codes_of(rgb, bits, full_range), strict=True):
        plane[:] = np.rint(samples[:: 32 // len(plane), :: 48 // plane.shape[1]])
    out = filter_frame(frame, one)
    assert out.format.name == pix_fmt
    for plane, want in zip(planes(out), codes_of(seen(rgb, one), bits, full_range), strict=True):
        exact = want[:: 32 // len(plane), :: 48 // plane.shape[1]]
        assert np.abs(plane - exact).max() <= 3 * 2 ** (bits - 8)
        assert np.abs(plane - exact).mean() <= 0.5 * 2 ** (bits - 8)


def codes_of(rgb, bits, full_range):
    """BT.601 in codes, at the full size: BT.2100, tables 6 and 9, of which 8 bits are the least."""
    red, green, blue = np.moveaxis(rgb / 255, 2, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    cb, cr = (blue - luma) / 1.772, (red - luma) / 1.402
    top = 2**bits - 1
    black, span, chroma = (0, top, top) if full_range else (16 << bits - 8, 219 << bits - 8, 224 << bits - 8)
    return [black + span * luma, *((2 ** (bits - 1) + chroma * c).clip(0, top) for c in (cb, cr))]


@NAMES
def test_the_most_chroma_of_full_range_does_not_wrap_round(name):
    """Pure blue has U of 128 + 127.5: 256, if it were rounded without a limit."""
    frame = VideoFrame(512, 16, "yuv420p")
    frame.color_range = ColorRange.JPEG
    luma, u, v = planes(frame)
    luma[:] = np.arange(256).repeat(2)
    chroma = [0, 30, 60, 85, 107, 170, 220, 255]
    for row in range(8):
        u[row], v[row] = (255, chroma[row]) if row % 2 else (chroma[row], 255)
    _, u_after, v_after = (plane.astype(int) for plane in planes(filter_frame(frame, VISION[name])))
    y, cb, cr = luma[::2, ::2] / 255, (u - 128.0) / 255, (v - 128.0) / 255
    red, blue = y + 1.402 * cr, y + 1.772 * cb
    rgb = np.stack([red, (y - 0.299 * red - 0.114 * blue) / 0.587, blue], axis=2).clip(0, 1) * 255
    _, u_exact, v_exact = codes_of(seen(rgb, VISION[name]), 8, True)
    assert np.abs(u_after - u_exact).max() <= 2
    assert np.abs(v_after - v_exact).max() <= 2


def test_what_is_no_filter_is_refused():
    class Nothing:
        name, color = "nothing", None

    with pytest.raises(TypeError, match="Nothing is no filter"):
        filter_frame(frame_of(SCENES["card"]), Nothing())


def test_a_color_filter_is_not_touched_by_all_this():
    frame = frame_of(SCENES["card"])
    want = reference.filtered_planes(frame, PRESETS["yellow"].color)
    for ours, exact in zip(reference.read_planes(filter_frame(frame, PRESETS["yellow"])), want, strict=True):
        assert np.abs(ours - exact).max() <= 0.55
