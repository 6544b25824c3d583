"""A color filter on a video frame, plane by plane, with no trip through RGB.

A frame is planar YUV, yuv420p as browsers send it or another of `PLANAR_BITS` as files hold it: luma Y of (H, W),
chroma U and V each of that size or of half of it, rounded up, in the matrix and range that the frame is tagged with
(`yuv.py`). One with no tag is ITU-R BT.601 in limited range. Each channel that the filter keeps is a saturated sum of
luma and chroma, such as

    R = clip((Y - 16) x 255 / 219 + (V - 128) x 2 (1 - Kr) x 255 / 224)

Scaled to the whole range of 16 bits, arithmetic that saturates does the clipping for nothing, and nothing is
rounded before the end. Luma and chroma of the filtered picture are weighted sums of the channels kept, for chroma
after averaging the pixels that share a sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from typing import Any, cast

import cv2
import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from colorfilter.chroma import Plane, average, sampling, widened
from colorfilter.filters import WHITE, ColorFilter, Filter, Picture
from colorfilter.vision.picture import VisionFilter
from colorfilter.vision.planes import filter_vision_planes
from colorfilter.yuv import BT470BG, BT601_LIMITED, SMPTE170M, UNSPECIFIED, YuvCoding, yuv_coding

Plane16 = NDArray[np.uint16]

# The bits of a sample in each pixel format that is filtered as it is; more than 8 are 16-bit words.
PLANAR_BITS = {f"yuv{sampling}p": 8 for sampling in (420, 422, 444)}
PLANAR_BITS |= {f"yuvj{sampling}p": 8 for sampling in (420, 422, 444)}
PLANAR_BITS |= {f"yuv{sampling}p{bits}le": bits for sampling in (420, 422, 444) for bits in (10, 12)}

SCALE = 65535 / 255  # 16-bit steps in one 8-bit level
BAND_PIXELS = 1 << 19
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
    channels = _channels(yuv, [0, 1, 2], coding)
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
    for band, filtered_band in zip(_bands(source), _bands(filtered), strict=True):
        _filter_band(band, filtered_band, color_filter, coding)


@_filter_planes.register
def _(color_filter: VisionFilter, source: list[Plane], filtered: list[Plane], coding: YuvCoding) -> None:
    filter_vision_planes(source, filtered, color_filter, coding)


def _bands(yuv: list[Plane]) -> Iterator[list[Plane]]:
    """The planes in bands of an even number of lines, so that what is computed from one stays in the cache."""
    luma, chroma_u, chroma_v = yuv
    lines, _ = sampling(luma, chroma_u)
    step = max(1, BAND_PIXELS // luma.shape[1] // lines)
    for top in range(0, len(chroma_u), step):
        yield [luma[lines * top : lines * (top + step)], chroma_u[top : top + step], chroma_v[top : top + step]]


def _filter_band(source: list[Plane], filtered: list[Plane], color_filter: ColorFilter, coding: YuvCoding) -> None:
    """Filter some lines of a frame, an even number of them unless they are its last."""
    luma, chroma_u, chroma_v = filtered
    shares = {i: share / 255 for i, share in enumerate(color_filter.color) if share}
    channels = _channels(source, list(shares), coding)
    averages = [average(channel, chroma_u) for channel in channels]
    for terms, all_weights, zero, plane in (
        (channels, coding.luma_weights, coding.luma_black, luma),
        (averages, coding.u_weights, coding.chroma_zero, chroma_u),
        (averages, coding.v_weights, coding.chroma_zero, chroma_v),
    ):
        _weighted_sum(terms, [all_weights[i] * shares[i] for i in shares], zero, plane, coding)


def _channels(yuv: list[Plane], wanted: list[int], coding: YuvCoding) -> list[Plane16]:
    """The wanted channels (0 red, 1 green, 2 blue) in full size, 0..65535."""
    luma, chroma_u, chroma_v = (plane.astype(np.uint16, copy=False) for plane in yuv)
    return [_channel(luma, chroma_u, chroma_v, i, coding) for i in wanted]


def _channel(luma: Plane16, chroma_u: Plane16, chroma_v: Plane16, index: int, coding: YuvCoding) -> Plane16:
    """clip(luma_gain x (Y - black) + u_gain x (U - zero) + v_gain x (V - zero)) x SCALE, from planes of codes."""
    luma_gain, (u_gain, v_gain) = coding.luma_gain, coding.chroma_gains[index]
    if u_gain and v_gain:  # green: the mean of both, weighted and in all 16 bits
        gain = (u_gain + v_gain) / (65535 / coding.highest)
        chroma = cast(Plane16, cv2.addWeighted(chroma_u, u_gain / gain, chroma_v, v_gain / gain, 0))
    else:
        gain, chroma = (u_gain, chroma_u) if u_gain else (v_gain, chroma_v)
    rows, _ = sampling(luma, chroma)
    wide = widened(chroma, luma)
    const = -SCALE * (luma_gain * coding.luma_black + (u_gain + v_gain) * coding.chroma_zero)
    channel = np.empty_like(luma)
    for row in range(rows):  # each line of chroma serves one or two of luma
        lines = luma[row::rows]
        cv2.addWeighted(lines, SCALE * luma_gain, wide[: len(lines)], SCALE * gain, const, dst=channel[row::rows])
    return channel


def _weighted_sum(terms: list[Plane16], weights: list[float], zero: int, out: Plane, coding: YuvCoding) -> None:
    """out = zero + the sum of weight x term, rounded to codes only at the end."""
    scale = coding.sum_scale
    if not terms:
        out[:] = zero
    elif len(terms) == 1:
        _round(terms[0], weights[0] / SCALE, zero, out, coding)
    else:
        first, second, *others = (weight * (scale / SCALE) for weight in weights)
        total = cast(Plane16, cv2.addWeighted(terms[0], first, terms[1], second, zero * scale))
        for term, weight in zip(terms[2:], others, strict=True):
            cv2.addWeighted(total, 1, term, weight, 0, dst=total)
        _round(total, 1 / scale, 0, out, coding)


def _round(term: Plane16, gain: float, zero: int, out: Plane, coding: YuvCoding) -> None:
    """out = gain x term + zero, rounded and clipped to the codes."""
    if out.dtype == np.uint8:
        cv2.convertScaleAbs(term, dst=out, alpha=gain, beta=zero)
    else:
        cv2.addWeighted(term, gain, term, 0, zero, dst=out)
        if coding.full_range:
            np.minimum(out, coding.highest, out=out)
