"""A color filter on a video frame, plane by plane, with no trip through RGB.

A frame is yuv420p as browsers send it: ITU-R BT.601 in limited range, luma Y 16..235 of (H, W), chroma U and V
16..240, each of half that size, rounded up. Each channel that the filter keeps is a saturated sum of luma and
chroma, such as

    R = clip((Y - 16) x 255 / 219 + (V - 128) x 2 (1 - Kr) x 255 / 224)

Scaled to the whole range of 16 bits, arithmetic that saturates does the clipping for nothing, and nothing is
rounded to 8 bits before the end. Luma and chroma of the filtered picture are weighted sums of the channels kept,
for chroma after averaging 2x2 pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import cv2
import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from colorfilter.filters import WHITE, ColorFilter, Picture

Plane = NDArray[np.uint8]
Plane16 = NDArray[np.uint16]

# ITU-R BT.601, section 2.5.1 (luma weights) and 2.5.3 (quantization, limited range).
KR, KG, KB = LUMA_WEIGHTS = (0.299, 0.587, 0.114)
LUMA_BLACK, LUMA_RANGE = 16, 219
CHROMA_ZERO, CHROMA_RANGE = 128, 224
LUMA_GAIN = 255 / LUMA_RANGE
CHROMA_GAIN = 255 / CHROMA_RANGE
SCALE = 65535 / 255  # 16-bit steps in one 8-bit level
BAND_PIXELS = 1 << 19

# How much (U, V) adds to each channel of RGB 0..255.
CHROMA_TO_RGB = (
    (0.0, 2 * (1 - KR) * CHROMA_GAIN),
    (-2 * KB * (1 - KB) / KG * CHROMA_GAIN, -2 * KR * (1 - KR) / KG * CHROMA_GAIN),
    (2 * (1 - KB) * CHROMA_GAIN, 0.0),
)
# How much each channel of RGB 0..255 adds to Y, U and V.
RGB_TO_LUMA = tuple(k / LUMA_GAIN for k in LUMA_WEIGHTS)
RGB_TO_U = tuple(k / (2 * (1 - KB)) / CHROMA_GAIN for k in (-KR, -KG, 1 - KB))
RGB_TO_V = tuple(k / (2 * (1 - KR)) / CHROMA_GAIN for k in (1 - KR, -KG, -KB))


def planes(frame: VideoFrame) -> list[Plane]:
    """The Y, U and V planes of a yuv420p frame as arrays on the frame's own memory, without the padding."""
    return [
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        for plane in frame.planes
    ]


def as_yuv420p(frame: VideoFrame) -> VideoFrame:
    """The frame in limited-range BT.601 yuv420p: itself if that is what it is, else a converted copy."""
    if frame.format.name == "yuv420p" and frame.color_range != ColorRange.JPEG:
        return frame
    converted = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU601, dst_color_range=ColorRange.MPEG)
    return _stamped(converted, frame)


def blank_like(frame: VideoFrame, size: tuple[int, int] | None = None) -> VideoFrame:
    """A yuv420p frame of the same time stamp and size, or of (width, height), its samples not yet set."""
    return _stamped(VideoFrame(*(size or (frame.width, frame.height)), "yuv420p"), frame)


def _stamped(new: VideoFrame, frame: VideoFrame) -> VideoFrame:
    new.pts = frame.pts
    if frame.time_base is not None:
        new.time_base = frame.time_base
    return new


def copy_frame(frame: VideoFrame) -> VideoFrame:
    """A copy of a yuv420p frame on memory of its own."""
    copy = blank_like(frame)
    for new, old in zip(planes(copy), planes(frame), strict=True):
        np.copyto(new, old)
    return copy


def resize_frame(frame: VideoFrame, width: int, height: int) -> VideoFrame:
    """A yuv420p frame at another size, each sample the mean of those that it covers; itself if that is its size."""
    if (frame.width, frame.height) == (width, height):
        return frame
    resized = blank_like(frame, (width, height))
    for new, old in zip(planes(resized), planes(frame), strict=True):
        cv2.resize(old, new.shape[::-1], dst=new, interpolation=cv2.INTER_AREA)
    return resized


def mirror_frame(frame: VideoFrame) -> VideoFrame:
    """A yuv420p frame with left and right exchanged, on memory of its own."""
    mirrored = blank_like(frame)
    for new, old in zip(planes(mirrored), planes(frame), strict=True):
        cv2.flip(old, 1, dst=new)
    return mirrored


def to_rgb(frame: VideoFrame) -> Picture:
    """A frame, as `filter_frame` takes it, as a picture: a new RGB array of uint8 (H, W, 3), exact but for rounding."""
    channels = _channels(planes(as_yuv420p(frame)), [0, 1, 2])
    return cast(Plane, cv2.merge([cv2.convertScaleAbs(channel, alpha=1 / SCALE) for channel in channels]))


def sample_rgb(frame: VideoFrame, step: int) -> Picture:
    """Every `step`th pixel of every `step`th line as `to_rgb` has it, rounded; `step` is even."""
    luma, chroma_u, chroma_v = planes(as_yuv420p(frame))
    half = step // 2
    thinned = [luma[::step, ::step], chroma_u[::half, ::half], chroma_v[::half, ::half]]
    yuv = cv2.merge([plane.astype(np.float32) for plane in thinned])
    matrix = [(LUMA_GAIN, u, v, -LUMA_GAIN * LUMA_BLACK - (u + v) * CHROMA_ZERO) for u, v in CHROMA_TO_RGB]
    rgb = cv2.transform(yuv, np.array(matrix))
    return cast(Picture, np.rint(rgb.clip(0, 255)).astype(np.uint8))


def filter_frame(frame: VideoFrame, color_filter: ColorFilter) -> VideoFrame:
    """Filter a video frame: `out = in x color / 255` for each RGB channel, computed on the YUV planes.

    `frame` is yuv420p in limited-range BT.601, of any size and line padding, and is never written; any other
    pixel format, full range among them, is converted first. Returns a new yuv420p frame of the same size and
    time stamp. Each sample is the exact one, rounded.
    """
    source = as_yuv420p(frame)
    filtered = blank_like(source)
    filter_planes(planes(source), planes(filtered), color_filter)
    return filtered


def filter_planes(source: list[Plane], filtered: list[Plane], color_filter: ColorFilter) -> None:
    """Filter Y, U and V planes, as `planes` gives them or parts of them at even places, into others of that size.

    Both may be the same.
    """
    if color_filter.color == WHITE:
        for new, old in zip(filtered, source, strict=True):
            np.copyto(new, old)
        return
    for band, filtered_band in zip(_bands(source), _bands(filtered), strict=True):
        _filter_band(band, filtered_band, color_filter)


def _bands(yuv: list[Plane]) -> Iterator[list[Plane]]:
    """The planes in bands of an even number of lines, so that what is computed from one stays in the cache."""
    luma, chroma_u, chroma_v = yuv
    half = max(1, BAND_PIXELS // luma.shape[1] // 2)
    for top in range(0, len(chroma_u), half):
        yield [luma[2 * top : 2 * (top + half)], chroma_u[top : top + half], chroma_v[top : top + half]]


def _filter_band(source: list[Plane], filtered: list[Plane], color_filter: ColorFilter) -> None:
    """Filter some lines of a frame, an even number of them unless they are its last."""
    luma, chroma_u, chroma_v = filtered
    shares = {i: share / 255 for i, share in enumerate(color_filter.color) if share}
    channels = _channels(source, list(shares))
    averages = [_average_2x2(channel) for channel in channels]
    _weighted_sum(channels, [RGB_TO_LUMA[i] * shares[i] for i in shares], LUMA_BLACK, luma)
    _weighted_sum(averages, [RGB_TO_U[i] * shares[i] for i in shares], CHROMA_ZERO, chroma_u)
    _weighted_sum(averages, [RGB_TO_V[i] * shares[i] for i in shares], CHROMA_ZERO, chroma_v)


def _channels(yuv: list[Plane], wanted: list[int]) -> list[Plane16]:
    """The wanted channels (0 red, 1 green, 2 blue) in full size, 0..65535."""
    luma, chroma_u, chroma_v = (plane.astype(np.uint16) for plane in yuv)
    return [_channel(luma, chroma_u, chroma_v, *CHROMA_TO_RGB[i]) for i in wanted]


def _channel(luma: Plane16, chroma_u: Plane16, chroma_v: Plane16, u_gain: float, v_gain: float) -> Plane16:
    """clip(LUMA_GAIN x (Y - 16) + u_gain x (U - 128) + v_gain x (V - 128)) x SCALE, from planes of 0..255."""
    if u_gain and v_gain:  # green: the mean of both, weighted and in all 16 bits
        gain = (u_gain + v_gain) / SCALE
        chroma = cast(Plane16, cv2.addWeighted(chroma_u, u_gain / gain, chroma_v, v_gain / gain, 0))
    else:
        gain, chroma = (u_gain, chroma_u) if u_gain else (v_gain, chroma_v)
    wide = cv2.merge((chroma, chroma)).reshape(len(chroma), -1)[:, : luma.shape[1]]
    const = -SCALE * (LUMA_GAIN * LUMA_BLACK + (u_gain + v_gain) * CHROMA_ZERO)
    channel = np.empty_like(luma)
    for row in range(min(2, len(luma))):  # each line of chroma serves two of luma
        lines = luma[row::2]
        cv2.addWeighted(lines, SCALE * LUMA_GAIN, wide[: len(lines)], SCALE * gain, const, dst=channel[row::2])
    return channel


def _average_2x2(plane: Plane16) -> Plane16:
    """The plane at half the size; an odd last line or column is averaged with itself."""
    height, width = plane.shape
    if height % 2 or width % 2:
        border = (0, height % 2, 0, width % 2)
        plane = cast(Plane16, cv2.copyMakeBorder(plane, *border, cv2.BORDER_REPLICATE))
    half = ((width + 1) // 2, (height + 1) // 2)
    return cast(Plane16, cv2.resize(plane, half, interpolation=cv2.INTER_AREA))


def _weighted_sum(terms: list[Plane16], weights: list[float], zero: int, out: Plane) -> None:
    """out = zero + the sum of weight x term, rounded to 8 bits only at the end."""
    if not terms:
        out[:] = zero
    elif len(terms) == 1:
        cv2.convertScaleAbs(terms[0], dst=out, alpha=weights[0] / SCALE, beta=zero)
    else:
        total = cv2.addWeighted(terms[0], weights[0], terms[1], weights[1], zero * SCALE)
        for term, weight in zip(terms[2:], weights[2:], strict=True):
            cv2.addWeighted(total, 1, term, weight, 0, dst=total)
        cv2.convertScaleAbs(total, dst=out, alpha=1 / SCALE)
