"""A clip's decoded pictures as they are filtered: planar, of one format and size, upright for the views."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple, cast

import numpy as np
from av import VideoFrame
from av.sidedata.sidedata import Type
from av.video.format import VideoFormat
from av.video.reformatter import ColorRange, Colorspace

from colorfilter.clips.options import ClipError
from colorfilter.clips.source import Clip
from colorfilter.frames import PLANAR_BITS, blank_like, planes
from colorfilter.views.options import View, ViewOptions
from colorfilter.views.video import render_frame
from colorfilter.yuv import BT709, KR_KB, UNSPECIFIED

# Pixel formats that hold the same samples in another order, or only some of them, and the planar one for each.
EQUAL_FORMATS = {
    **{"nv12": "yuv420p", "nv21": "yuv420p", "nv16": "yuv422p", "nv24": "yuv444p", "yuyv422": "yuv422p"},
    **{"uyvy422": "yuv422p", "p010le": "yuv420p10le", "p210le": "yuv422p10le", "gray": "yuv420p"},
    **{"gray10le": "yuv420p10le", "yuv411p": "yuv422p", "yuv410p": "yuv422p", "yuv440p": "yuv444p"},
}
RGB_BITS_MOST = 8
HD_LINES = 576  # above it, players read a picture with no matrix tag as BT.709
Matrix = tuple[int, ...]
UPRIGHT: Matrix = (1, 0, 0, 1)


class Tags(NamedTuple):
    """What H.273 numbers: the matrix, FFmpeg's range, primaries and transfer characteristics."""

    matrix: int
    color_range: int
    primaries: int
    transfer: int


class Pictures:
    """Makes one clip's frames ready and renders them. The first frame says what all are to be."""

    def __init__(self, clip: Clip, first: VideoFrame, view: ViewOptions) -> None:
        _refuse(first)
        self.clip, self.view = clip, view
        self.format = _planar_format(first.format)
        self.width, self.height = first.width, first.height
        self.guess = int(first.colorspace) == UNSPECIFIED and not first.format.is_rgb and first.height > HD_LINES
        self.matrix = display_matrix(first)
        self.turn = _turn(self.matrix) if view.view != View.FILTER else UPRIGHT
        self.tags = _tags(first)

    def render(self, frame: VideoFrame) -> VideoFrame:
        """The frame through the filter, in the view, of the same time stamp and duration."""
        shown = render_frame(_turned(self._ready(frame), self.turn), self.view)
        shown.duration = frame.duration
        return shown

    def upright(self, frame: VideoFrame) -> VideoFrame:
        """The frame as it came, turned as players show it."""
        return _turned(self._ready(frame), _turn(self.matrix))

    def kept_matrix(self) -> Matrix | None:
        """The display matrix that the clip keeps: none for a view, whose pictures are turned themselves."""
        return self.matrix if self.turn == UPRIGHT else None

    def _ready(self, frame: VideoFrame) -> VideoFrame:
        size = frame.width, frame.height
        if size != (self.width, self.height):
            self.clip.note(f"The picture changes its size; all of it is {self.width}x{self.height} now.")
        if size != (self.width, self.height) or not _same_samples(frame.format.name, self.format):
            frame = _converted(frame, self.width, self.height, self.format)
        if self.guess:
            frame.colorspace = BT709
        return frame


def display_matrix(frame: VideoFrame) -> Matrix | None:
    """The nine numbers of the frame's display matrix (ISO/IEC 14496-12, 8.3.2), None if it has none."""
    return next((struct.unpack("=9i", bytes(data)[:36]) for data in _side_data(frame, Type.DISPLAYMATRIX)), None)


def _side_data(frame: VideoFrame, *kinds: Type) -> list[Any]:
    return [data for data in cast(Any, frame.side_data) if data.type in kinds]  # PyAV's stubs take it for a mapping


def _turn(matrix: Matrix | None) -> Matrix:
    """The matrix's turn by quarters and its mirroring, each of four numbers -1, 0 or 1."""
    if matrix is None:
        return UPRIGHT
    a, b, c, d = (round(matrix[place] / 65536) for place in (0, 1, 3, 4))
    turn = a, b, c, d
    return turn if sorted(map(abs, turn)) == [0, 0, 1, 1] and abs(a) == abs(d) else UPRIGHT


def _turned(frame: VideoFrame, turn: Matrix) -> VideoFrame:
    if turn == UPRIGHT:
        return frame
    if "422" in frame.format.name:
        frame = _converted(frame, frame.width, frame.height, frame.format.name.replace("422", "444"))
    a, b, c, d = turn
    size = (frame.height, frame.width) if b else (frame.width, frame.height)
    turned = blank_like(frame, size)
    for new, old in zip(planes(turned), planes(frame), strict=True):
        right = old.T if b else old  # (x, y) goes to (a x + c y, b x + d y)
        np.copyto(new, right[:: d or b, :: a or c])
    return turned


def _planar_format(found: VideoFormat) -> str:
    """The planar format in which the samples of this one lose nothing. Raises ClipError if there is none."""
    name = found.name
    if any(component.is_alpha for component in found.components):
        raise ClipError("This clip is transparent in part, which cannot be kept.")
    if name in PLANAR_BITS:
        return name.replace("yuvj", "yuv")
    if name in EQUAL_FORMATS:
        return EQUAL_FORMATS[name]
    if (found.is_rgb or found.has_palette) and max(component.bits for component in found.components) <= RGB_BITS_MOST:
        return "yuv444p"
    raise ClipError(f"The pixel format {name} cannot be filtered.")


def _same_samples(name: str, planar: str) -> bool:
    return name.replace("yuvj", "yuv") == planar


def _converted(frame: VideoFrame, width: int, height: int, name: str) -> VideoFrame:
    """The frame in another size or format, in its own matrix and range; what is RGB becomes limited-range BT.709."""
    if frame.format.is_rgb or frame.format.has_palette:
        new = frame.reformat(width, height, name, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
    else:
        new = frame.reformat(width, height, name)
    new.pts, new.duration = frame.pts, frame.duration
    if frame.time_base is not None:
        new.time_base = frame.time_base
    return new


def _tags(frame: VideoFrame) -> Tags:
    """What the clip is tagged with when its frames are rendered."""
    if frame.format.is_rgb or frame.format.has_palette:
        return Tags(BT709, int(ColorRange.MPEG), int(frame.color_primaries), int(frame.color_trc))
    if int(frame.colorspace) not in KR_KB:
        raise ClipError("The colors of this clip are coded as no weighted sum of red, green and blue, such as ICtCp.")
    full = frame.format.name.startswith("yuvj")
    color_range = ColorRange.JPEG if full else frame.color_range
    return Tags(int(frame.colorspace), int(color_range), int(frame.color_primaries), int(frame.color_trc))


def _refuse(frame: VideoFrame) -> None:
    if _side_data(frame, Type.DOVI_RPU_BUFFER, Type.DOVI_METADATA):
        raise ClipError("This clip is in Dolby Vision, whose colors cannot be filtered.")
    if frame.interlaced_frame:
        raise ClipError("This clip is interlaced; deinterlace it first, for a filter would mix its two fields.")
