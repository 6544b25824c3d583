"""What a frame shows: the filtered picture, a comparison with the original, or all six filters on one sheet.

Each takes any pixel format that `filter_frame` takes, never writes it, exchanges left and right if `mirror`, and
returns a new yuv420p frame of the same time stamp.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from av import VideoFrame

from colorfilter.filters import ColorFilter
from colorfilter.frames import (
    CHROMA_ZERO,
    LUMA_BLACK,
    LUMA_RANGE,
    Plane,
    as_yuv420p,
    blank_like,
    copy_frame,
    filter_frame,
    filter_planes,
    mirror_frame,
    planes,
)
from colorfilter.views.layout import COLUMNS, ROWS, Patch, line_at, line_patch, name_patch, tile_size, tiles
from colorfilter.views.options import SIX, ViewOptions


def render_frame(frame: VideoFrame, options: ViewOptions) -> VideoFrame:
    """The frame as the viewer has chosen to see it."""
    if options.view == "compare":
        return compared_view(frame, options.color_filter, options.mirror, options.line)
    if options.view == "all six":
        return six_view(frame, options.mirror, options.six)
    return filtered_view(frame, options.color_filter, options.mirror)


def filtered_view(frame: VideoFrame, color_filter: ColorFilter, mirror: bool) -> VideoFrame:
    """The frame through the filter."""
    view = filter_frame(frame, color_filter)
    if mirror:
        for plane in planes(view):
            cv2.flip(plane, 1, dst=plane)
    return view


def compared_view(frame: VideoFrame, color_filter: ColorFilter, mirror: bool, line: float) -> VideoFrame:
    """The original left of a line and the filtered picture right of it; `line` is 0 at the left, 1 at the right."""
    source = as_yuv420p(frame)
    view = mirror_frame(source) if mirror else copy_frame(source)
    yuv, middle = planes(view), line_at(view.width, line)
    if middle < view.width:
        right = _part(yuv, slice(None), slice(middle, None))
        filter_planes(right, right, color_filter)
    mark = line_patch(view.height)
    _paint(yuv, mark, middle - mark.shape[1] // 4 * 2)
    return view


def six_view(frame: VideoFrame, mirror: bool, filters: Sequence[ColorFilter] = SIX) -> VideoFrame:
    """The whole picture six times, in three columns and two rows, each through one filter, whose name is on it.

    The sheet is as wide as the frame, to six samples, and two thirds as high.
    """
    width, height = tile_size(frame.width, frame.height, even=2)
    small = planes(_third(as_yuv420p(frame), (width, height), mirror))
    sheet = blank_like(frame, (COLUMNS * width, ROWS * height))
    for place, color_filter in zip(tiles(width, height), filters, strict=True):
        tile = _part(planes(sheet), *place)
        filter_planes(small, tile, color_filter)
        _paint(tile, name_patch(color_filter.name.capitalize(), height))
    return sheet


def _third(frame: VideoFrame, size: tuple[int, int], mirror: bool) -> VideoFrame:
    """The frame at a third of its size: but for what is over at its edges, each sample the mean of 3x3."""
    small = blank_like(frame, size)
    for new, old in zip(planes(small), planes(frame), strict=True):
        lines, columns = (COLUMNS * side for side in new.shape)
        cv2.resize(old[:lines, :columns], new.shape[::-1], dst=new, interpolation=cv2.INTER_AREA)
        if mirror:
            cv2.flip(new, 1, dst=new)
    return small


def _part(yuv: list[Plane], lines: slice, columns: slice) -> list[Plane]:
    """That part of the planes, its edges at even places, on their memory."""

    def half(part: slice) -> slice:
        return slice(*(end if end is None else (end + 1) // 2 for end in (part.start, part.stop)))

    return [yuv[0][lines, columns], *(plane[half(lines), half(columns)] for plane in yuv[1:])]


def _paint(yuv: list[Plane], patch: Patch, left: int = 0) -> None:
    """Paint a patch at the top of the planes, from an even column on; what would lie outside is left out."""
    patch = patch[:, max(0, -left) :]
    left = max(0, left)
    luma, *chroma = _part(yuv, slice(0, patch.shape[0]), slice(left, left + patch.shape[1]))
    patch = patch[: luma.shape[0], : luma.shape[1]]
    luma[:] = LUMA_BLACK + (patch.astype(np.uint16) * LUMA_RANGE + 127) // 255
    for plane in chroma:
        plane[:] = CHROMA_ZERO
