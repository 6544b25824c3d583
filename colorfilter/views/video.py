"""What a frame shows: the filtered picture, a comparison with the original, or all filters of a set on one sheet.

Each takes any pixel format that `filter_frame` takes, never writes it, exchanges left and right if `mirror`, and
returns a new frame of the same time stamp and color tags, in the same format where that is planar YUV, else yuv420p.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from av import VideoFrame

from colorfilter.filters import Filter
from colorfilter.frames import (
    as_planar,
    blank_like,
    coding_of,
    copy_frame,
    filter_frame,
    filter_planes,
    mirror_frame,
    planes,
)
from colorfilter.views.layout import Patch, grid, line_at, line_patch, name_patch, tile_size, tiles
from colorfilter.views.options import COLOR_SHEET, View, ViewOptions
from colorfilter.yuv import Plane, YuvCoding


def render_frame(frame: VideoFrame, options: ViewOptions) -> VideoFrame:
    """Render the frame with the viewer's options."""
    if options.view == View.COMPARE:
        return compared_view(frame, options.color_filter, options.mirror, options.line)
    if options.view == View.ALL:
        return sheet_view(frame, options.mirror, options.sheet)
    return filtered_view(frame, options.color_filter, options.mirror)


def filtered_view(frame: VideoFrame, color_filter: Filter, mirror: bool) -> VideoFrame:
    """The frame through the filter."""
    view = filter_frame(frame, color_filter)
    if mirror:
        for plane in planes(view):
            cv2.flip(plane, 1, dst=plane)
    return view


def compared_view(frame: VideoFrame, color_filter: Filter, mirror: bool, line: float) -> VideoFrame:
    """The original left of a line and the filtered picture right of it; `line` is 0 at the left, 1 at the right."""
    source = as_planar(frame)
    coding = coding_of(source)
    view = mirror_frame(source) if mirror else copy_frame(source)
    yuv, middle = planes(view), line_at(view.width, line)
    if middle < view.width:
        right = _part(yuv, slice(None), slice(middle, None))
        filter_planes(right, right, color_filter, coding)
    mark = line_patch(view.height)
    _paint(yuv, mark, coding, middle - mark.shape[1] // 4 * 2)
    return view


def sheet_view(frame: VideoFrame, mirror: bool, filters: Sequence[Filter] = COLOR_SHEET) -> VideoFrame:
    """The whole picture once through each filter, whose name is on it, in the columns and rows of `layout.grid`.

    The sheet is as wide as the frame, to an even number of samples in a tile; of six filters it is two thirds as high.
    """
    source = as_planar(frame)
    coding = coding_of(source)
    columns, rows = grid(len(filters))
    width, height = tile_size(frame.width, frame.height, columns, even=2)
    small = planes(_reduced(source, columns, (width, height), mirror))
    sheet = blank_like(source, (columns * width, rows * height))
    for place, color_filter in zip(tiles(width, height, len(filters)), filters, strict=True):
        tile = _part(planes(sheet), *place)
        filter_planes(small, tile, color_filter, coding)
        _paint(tile, name_patch(color_filter.name.capitalize(), height), coding)
    return sheet


def _reduced(frame: VideoFrame, factor: int, size: tuple[int, int], mirror: bool) -> VideoFrame:
    """The frame smaller by a whole factor, each sample the mean of those it covers; what is left over is dropped."""
    small = blank_like(frame, size)
    for new, old in zip(planes(small), planes(frame), strict=True):
        lines, columns = (factor * side for side in new.shape)
        cv2.resize(old[:lines, :columns], new.shape[::-1], dst=new, interpolation=cv2.INTER_AREA)
        if mirror:
            cv2.flip(new, 1, dst=new)
    return small


def _part(yuv: list[Plane], lines: slice, columns: slice) -> list[Plane]:
    """A part of the planes, without a copy. Its edges are at even places."""

    def part(plane: Plane) -> Plane:
        halved = len(plane) != len(yuv[0]), plane.shape[1] != yuv[0].shape[1]
        places = (_half(place) if half else place for place, half in zip((lines, columns), halved, strict=True))
        return plane[tuple(places)]

    return [part(plane) for plane in yuv]


def _half(place: slice) -> slice:
    return slice(*(end if end is None else (end + 1) // 2 for end in (place.start, place.stop)))


def _paint(yuv: list[Plane], patch: Patch, coding: YuvCoding, left: int = 0) -> None:
    """Paint a patch at the top of the planes, from an even column on; what would lie outside is left out."""
    patch = patch[:, max(0, -left) :]
    left = max(0, left)
    luma, *chroma = _part(yuv, slice(0, patch.shape[0]), slice(left, left + patch.shape[1]))
    patch = patch[: luma.shape[0], : luma.shape[1]]
    luma[:] = coding.luma_black + (patch.astype(np.uint32) * coding.luma_range + 127) // 255
    for plane in chroma:
        plane[:] = coding.chroma_zero
