"""A color filter on a video frame, plane by plane, with no trip through RGB.

A frame is planar YUV, yuv420p as browsers send it or another of `PLANAR_BITS` as files hold it: luma Y of (H, W),
chroma U and V each of that size or of half of it, rounded up, in the matrix and range that the frame is tagged with
(`coding.py`). One with no tag is ITU-R BT.601 in limited range. Each channel that the filter keeps is a saturated sum
of luma and chroma, such as

    R = clip((Y - 16) x 255 / 219 + (V - 128) x 2 (1 - Kr) x 255 / 224)

Scaled to the whole range of 16 bits, arithmetic that saturates does the clipping for nothing, and nothing is
rounded before the end. Luma and chroma of the filtered picture are weighted sums of the channels kept, for chroma
after averaging the pixels that share a sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from colorfilter.filters import ColorFilter
from colorfilter.yuv.chroma import Plane, average, sampling, widened
from colorfilter.yuv.coding import YuvCoding

Plane16 = NDArray[np.uint16]

SCALE = 65535 / 255  # 16-bit steps in one 8-bit level
BAND_PIXELS = 1 << 19


def filter_color_planes(
    source: list[Plane], filtered: list[Plane], color_filter: ColorFilter, coding: YuvCoding
) -> None:
    """Filter Y, U and V planes, or parts of them at even places, into others of that size. Both may be the same."""
    for band, filtered_band in zip(_bands(source), _bands(filtered), strict=True):
        _filter_band(band, filtered_band, color_filter, coding)


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
    channels = channels_of(source, list(shares), coding)
    averages = [average(channel, chroma_u) for channel in channels]
    for terms, all_weights, zero, plane in (
        (channels, coding.luma_weights, coding.luma_black, luma),
        (averages, coding.u_weights, coding.chroma_zero, chroma_u),
        (averages, coding.v_weights, coding.chroma_zero, chroma_v),
    ):
        _weighted_sum(terms, [all_weights[i] * shares[i] for i in shares], zero, plane, coding)


def channels_of(yuv: list[Plane], wanted: list[int], coding: YuvCoding) -> list[Plane16]:
    """The wanted channels (0 red, 1 green, 2 blue) in full size, each (H, W) of 0..65535."""
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
