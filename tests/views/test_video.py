import numpy as np
import pytest
from av.video.reformatter import ColorRange

from colorfilter import PRESETS, VISION, filter_frame
from colorfilter.views.options import COLOR_SHEET, ViewOptions
from colorfilter.views.video import compared_view, filtered_view, render_frame, sheet_view
from tests.support import reference

SIZES = pytest.mark.parametrize("size", [(64, 48), (642, 362), (7, 5), (1, 1)], ids=str)


def noise(size, fmt="yuv420p"):
    rng = np.random.default_rng(0)
    frame = reference.make_frame(*size, lambda shape: rng.integers(0, 256, shape, np.uint8), fmt)
    frame.pts = 99
    return frame


def flat(size, luma, chroma_u, chroma_v):
    levels = iter((luma, chroma_u, chroma_v))
    return reference.make_frame(*size, lambda shape: np.full(shape, next(levels), np.uint8))


@SIZES
def test_mirrored_is_the_filtered_picture_with_left_and_right_exchanged(size):
    frame = noise(size)
    plain = reference.read_planes(filter_frame(frame, PRESETS["pink"]))
    mirrored = filtered_view(frame, PRESETS["pink"], mirror=True)
    assert mirrored.pts == 99
    for ours, theirs in zip(reference.read_planes(mirrored), plain, strict=True):
        assert np.array_equal(ours, theirs[:, ::-1])
    unmirrored = filtered_view(frame, PRESETS["pink"], mirror=False)
    for ours, theirs in zip(reference.read_planes(unmirrored), plain, strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("line", [0, 0.3, 0.5, 1])
@pytest.mark.parametrize("chosen", [PRESETS["yellow"], VISION["tritan"]], ids=["yellow", "tritan"])
def test_the_comparison_is_the_original_left_of_the_line_and_the_filter_right_of_it(chosen, line, mirror):
    """As seen: the mirror does not exchange the two sides. The line itself is 4 stripes of 2 samples at most."""
    frame = noise((642, 362))
    before = [plane.copy() for plane in reference.read_planes(frame)]
    view = compared_view(frame, chosen, mirror, line)
    assert (view.pts, view.width, view.height) == (99, 642, 362)
    original = before
    filtered = reference.read_planes(filtered_view(frame, chosen, mirror=False))
    if mirror:
        original, filtered = ([plane[:, ::-1] for plane in planes] for planes in (original, filtered))
    middle = 642 * line
    for i, plane in enumerate(reference.read_planes(view)):
        at, away = (middle, 8) if i == 0 else (middle / 2, 4)
        left, right = max(0, int(at - away)), int(at + away)
        assert np.array_equal(plane[:, :left], original[i][:, :left])
        assert np.array_equal(plane[:, right:], filtered[i][:, right:])
    for ours, theirs in zip(reference.read_planes(frame), before, strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize(("level", "seen"), [(16, 235), (235, 16)])
def test_the_line_can_be_seen_on_black_and_on_white(level, seen):
    view = compared_view(flat((640, 480), level, 128, 128), PRESETS["original"], False, 0.5)
    luma = reference.read_planes(view)[0]
    assert np.all((luma == seen).sum(axis=1) >= 2)
    assert np.all(luma[:, :300] == level)
    assert np.all(luma[:, 340:] == level)


# BT.601 of (200, 120, 60) through each filter, from the definition.
COLOR = np.array([200, 120, 60])


def test_the_sheet_shows_the_whole_picture_through_each_of_the_six():
    frame = flat((640, 480), *(round(float(p[0, 0])) for p in reference.from_rgb(np.full((2, 2, 3), COLOR, float))))
    sheet = sheet_view(frame, mirror=False)
    assert (sheet.width, sheet.height) == (636, 320)
    rgb = reference.to_rgb(*reference.read_planes(sheet))
    for i, shares in enumerate([(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1)]):
        row, column = divmod(i, 3)
        tile = rgb[row * 160 + 40 : row * 160 + 160, column * 212 : column * 212 + 212]
        assert np.abs(tile - COLOR * shares).max() <= 3
    assert [color_filter.name for color_filter in COLOR_SHEET] == ["red", "green", "blue", "yellow", "pink", "cyan"]


def test_the_sheet_is_mirrored_and_its_names_are_not():
    """A picture that is white on its left half alone: each tile is, mirrored, white on its right one."""
    frame = flat((636, 480), 16, 128, 128)
    np.frombuffer(frame.planes[0], np.uint8).reshape(480, -1)[:, :318] = 235
    plain, mirrored = (
        reference.read_planes(sheet_view(frame, mirror, [PRESETS["original"]] * 6))[0] for mirror in (0, 1)
    )
    assert np.all(plain[100:160, :212] == [235] * 106 + [16] * 106)
    assert np.all(mirrored[100:160, :212] == [16] * 106 + [235] * 106)
    letters = 20, 80  # lines and columns of "Original" at the tile's corner
    assert np.array_equal(plain[: letters[0], : letters[1]], mirrored[: letters[0], : letters[1]])
    assert plain[: letters[0], : letters[1]].max() == 235


@SIZES
def test_a_sheet_of_any_size(size):
    frame = noise(size)
    sheet = sheet_view(frame, mirror=True)
    assert sheet.pts == 99
    assert sheet.width % 6 == sheet.height % 4 == 0
    assert compared_view(frame, PRESETS["red"], True, 0.5).width == size[0]


def test_other_pixel_formats_are_converted():
    assert sheet_view(noise((64, 48), "rgb24"), mirror=False).format.name == "yuv420p"
    assert compared_view(noise((64, 48), "rgb24"), PRESETS["red"], False, 0.5).format.name == "yuv420p"


@pytest.mark.parametrize("view", ["filter", "compare", "all"])
def test_every_view_is_in_the_frames_own_matrix_and_range(view):
    """R 200, G 90, B 30 in full-range BT.709, by its definition, is red of 200 through the red filter."""
    luma = 0.2126 * 200 + 0.7152 * 90 + 0.0722 * 30
    codes = luma, 128 + (30 - luma) / 1.8556, 128 + (200 - luma) / 1.5748
    frame = flat((384, 192), *map(round, codes))
    frame.colorspace, frame.color_range = 1, ColorRange.JPEG
    out = render_frame(frame, ViewOptions(PRESETS["red"], view=view, mirror=False))
    assert (out.colorspace, out.color_range) == (1, ColorRange.JPEG)
    luma, _, v = reference.read_planes(out)
    x, y = (380, 188) if view != "all" else (124, 62)  # the sheet's first tile is red
    assert luma[y, x] == pytest.approx(0.2126 * 200, abs=2)
    assert v[y // 2, x // 2] == pytest.approx(128 + (200 - 0.2126 * 200) / 1.5748, abs=2)
    if view == "compare":  # the line: black and white of full range
        assert (luma.min(), luma.max()) == (0, 255)
