"""Video frames: their planes, copies of them in another size or format, as an RGB picture, and filtered.

`yuv.color_planes` and `vision.planes` do the arithmetic.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any, cast

import cv2
import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace

from colorfilter.filters import WHITE, ColorFilter, Filter, Picture
from colorfilter.vision.picture import VisionFilter
from colorfilter.vision.planes import filter_vision_planes
from colorfilter.yuv import (
    BT470BG,
    BT601_LIMITED,
    SCALE,
    SMPTE170M,
    UNSPECIFIED,
    Plane,
    YuvCoding,
    channels_of,
    filter_color_planes,
    sampling,
    yuv_coding,
)

# The bits of a sample in each pixel format that is filtered as it is; more than 8 are 16-bit words.
PLANAR_BITS = {f"yuv{sampling}p": 8 for sampling in (420, 422, 444)}
PLANAR_BITS |= {f"yuvj{sampling}p": 8 for sampling in (420, 422, 444)}
PLANAR_BITS |= {f"yuv{sampling}p{bits}le": bits for sampling in (420, 422, 444) for bits in (10, 12)}

BT601 = (UNSPECIFIED, BT470BG, SMPTE170M)


def planes(frame: VideoFrame) -> list[Plane]:
    """The Y, U and V planes of a planar frame as arrays on the frame's own memory, without the padding."""
    sample: type[np.unsignedinteger[Any]] = np.uint16 if PLANAR_BITS[frame.format.name] > 8 else np.uint8
    octets = np.dtype(sample).itemsize
    return [
        np.frombuffer(memoryview(plane), sample).reshape(-1, plane.line_size // octets)[: plane.height, : plane.width]
        for plane in frame.planes
    ]


def coding_of(frame: VideoFrame) -> YuvCoding:
    """The matrix, range and bits that a planar frame is tagged with. Raises ValueError for a matrix unknown here."""
    name = frame.format.name
    full_range = frame.color_range == ColorRange.JPEG or name.startswith("yuvj")
    return yuv_coding(int(frame.colorspace), full_range, PLANAR_BITS[name])


def as_planar(frame: VideoFrame) -> VideoFrame:
    """The frame as planar YUV: itself if it is that, else a copy in yuv420p of its own matrix and range.

    What is not YUV becomes limited-range BT.601.
    """
    if frame.format.name in PLANAR_BITS:
        return frame
    if frame.format.is_rgb or frame.format.has_palette:
        return as_bt601(frame)
    return _tagged(frame.reformat(format="yuv420p"), frame)


def as_bt601(frame: VideoFrame) -> VideoFrame:
    """The frame in limited-range BT.601 yuv420p, as WebRTC's VP8 is: itself if that is what it is, else converted."""
    limited = frame.format.name == "yuv420p" and frame.color_range != ColorRange.JPEG
    if limited and int(frame.colorspace) in BT601:
        return frame
    converted = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.MPEG)
    return _stamped(converted, frame)


def blank_like(frame: VideoFrame, size: tuple[int, int] | None = None) -> VideoFrame:
    """A frame of the same time stamp, tags, format and size, or of (width, height), its samples not yet set."""
    name = frame.format.name.replace("yuvj", "yuv")
    return _tagged(VideoFrame(*(size or (frame.width, frame.height)), name), frame)


def _stamped(new: VideoFrame, frame: VideoFrame) -> VideoFrame:
    new.pts = frame.pts
    if frame.time_base is not None:
        new.time_base = frame.time_base
    return new


def _tagged(new: VideoFrame, frame: VideoFrame) -> VideoFrame:
    new.colorspace, new.color_primaries, new.color_trc = frame.colorspace, frame.color_primaries, frame.color_trc
    full_range = frame.format.name.startswith("yuvj")
    new.color_range = ColorRange.JPEG if full_range else frame.color_range
    return _stamped(new, frame)


def copy_frame(frame: VideoFrame) -> VideoFrame:
    """A copy of a planar frame on memory of its own."""
    copy = blank_like(frame)
    for new, old in zip(planes(copy), planes(frame), strict=True):
        np.copyto(new, old)
    return copy


def resize_frame(frame: VideoFrame, width: int, height: int) -> VideoFrame:
    """A planar frame at another size, each sample the mean of those that it covers; itself if that is its size."""
    if (frame.width, frame.height) == (width, height):
        return frame
    resized = blank_like(frame, (width, height))
    for new, old in zip(planes(resized), planes(frame), strict=True):
        cv2.resize(old, new.shape[::-1], dst=new, interpolation=cv2.INTER_AREA)
    return resized


def mirror_frame(frame: VideoFrame) -> VideoFrame:
    """A planar frame with left and right exchanged, on memory of its own."""
    mirrored = blank_like(frame)
    for new, old in zip(planes(mirrored), planes(frame), strict=True):
        cv2.flip(old, 1, dst=new)
    return mirrored


def to_rgb(frame: VideoFrame) -> Picture:
    """A frame, as `filter_frame` takes it, as a picture: a new RGB array of uint8 (H, W, 3), exact but for rounding."""
    source = as_planar(frame)
    return _rgb(planes(source), coding_of(source))


def patch_rgb(frame: VideoFrame, x: float, y: float, reach: int) -> Picture:
    """The pixels around a place, 0..1 from the left and the top, as `to_rgb` has them: `reach` or so to each side."""
    source = as_planar(frame)
    luma, *chroma = planes(source)
    rows, columns = sampling(luma, chroma[0])
    middles = int(y * len(luma)), int(x * luma.shape[1])
    top, left = (
        max(0, min(middle, side - 1) - reach) // 2 * 2 for middle, side in zip(middles, luma.shape, strict=True)
    )
    part = luma[top : top + 2 * reach, left : left + 2 * reach]
    lines = slice(top // rows, top // rows + -(-part.shape[0] // rows))
    across = slice(left // columns, left // columns + -(-part.shape[1] // columns))
    return _rgb([part, *(plane[lines, across] for plane in chroma)], coding_of(source))


def _rgb(yuv: list[Plane], coding: YuvCoding) -> Picture:
    channels = channels_of(yuv, [0, 1, 2], coding)
    return cast(Picture, cv2.merge([cv2.convertScaleAbs(channel, alpha=1 / SCALE) for channel in channels]))


def sample_rgb(frame: VideoFrame, step: int) -> Picture:
    """Every `step`th pixel of every `step`th line as `to_rgb` has it, rounded; `step` is even."""
    source = as_planar(frame)
    coding = coding_of(source)
    luma, *chroma = planes(source)
    lines, columns = (step // ratio for ratio in sampling(luma, chroma[0]))
    thinned = [luma[::step, ::step], *(plane[::lines, ::columns] for plane in chroma)]
    yuv = cv2.merge([plane.astype(np.float32) for plane in thinned])
    gain = coding.luma_gain
    matrix = [(gain, u, v, -gain * coding.luma_black - (u + v) * coding.chroma_zero) for u, v in coding.chroma_gains]
    rgb = cv2.transform(yuv, np.array(matrix))
    return cast(Picture, np.rint(rgb.clip(0, 255)).astype(np.uint8))


def filter_frame(frame: VideoFrame, color_filter: Filter) -> VideoFrame:
    """Filter a video frame, with a color filter `out = in x color / 255` for each channel, computed on the YUV planes.

    `frame` has one of the formats of `PLANAR_BITS`, such as yuv420p, any size and line padding, limited or full range
    of BT.601, BT.709 or another matrix of `yuv.KR_KB`, by its tags, and is never written; with no tags it is
    limited-range BT.601. Any other pixel format is converted to yuv420p first. Returns a new frame of the same format,
    size, time stamp and tags (yuvj420p and its like become yuv420p of full range). Under a color filter each sample is
    the exact one, rounded; `vision.planes` says how near a vision filter is. Raises ValueError for a matrix unknown
    here.
    """
    source = as_planar(frame)
    filtered = blank_like(source)
    filter_planes(planes(source), planes(filtered), color_filter, coding_of(source))
    return filtered


def filter_planes(
    source: list[Plane], filtered: list[Plane], color_filter: Filter, coding: YuvCoding = BT601_LIMITED
) -> None:
    """Filter Y, U and V planes, as `planes` gives them or parts of them at even places, into others of that size.

    Both may be the same.
    """
    if color_filter.color == WHITE:
        for new, old in zip(filtered, source, strict=True):
            np.copyto(new, old)
        return
    _filter_planes(color_filter, source, filtered, coding)


@singledispatch
def _filter_planes(color_filter: Filter, source: list[Plane], filtered: list[Plane], coding: YuvCoding) -> None:
    """The way of each kind of filter. This is the only place that knows the kinds."""
    raise TypeError(f"{type(color_filter).__name__} is no filter of video frames.")


@_filter_planes.register
def _(color_filter: ColorFilter, source: list[Plane], filtered: list[Plane], coding: YuvCoding) -> None:
    filter_color_planes(source, filtered, color_filter, coding)


@_filter_planes.register
def _(color_filter: VisionFilter, source: list[Plane], filtered: list[Plane], coding: YuvCoding) -> None:
    filter_vision_planes(source, filtered, color_filter, coding)
