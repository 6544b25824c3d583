"""A vision filter on the planes of a video frame, once for the pixels that share a sample of chroma.

In yuv420p, U and V are there once for four pixels. With them and the mean of the four Y the filter is computed as on a
picture: to RGB, to linear light, through the matrix and back. U and V of the result are written. Of Y the difference is
taken, and added to each of the four, which thus keep what they differ by:

    Y' = Y + Y'(mean Y, U, V) - mean Y

That is exact where the four are alike. Elsewhere the error is a share of their contrast: `docs/vision.md` has figures.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from colorfilter.vision.models import LightMap
from colorfilter.vision.picture import FULL, VisionFilter, decode, encode, map_light
from colorfilter.yuv import Plane, YuvCoding, average, sampling, widened

Samples = NDArray[np.uint16]
Matrix = NDArray[np.float64]

STEPS = FULL / 255  # of 16 bits, in one level of a channel
BAND_SAMPLES = 1 << 17  # of chroma; what is computed from them stays in the cache


def filter_vision_planes(source: list[Plane], filtered: list[Plane], vision: VisionFilter, coding: YuvCoding) -> None:
    """Filter Y, U and V planes, or parts of them at even places, into others of that size. Both may be the same."""
    rows, _ = sampling(source[0], source[1])
    lines = max(1, BAND_SAMPLES // source[1].shape[1])
    light = vision.light_map
    for top in range(0, len(source[1]), lines):
        whole, part = slice(rows * top, rows * (top + lines)), slice(top, top + lines)
        band, filtered_band = ([y[whole], u[part], v[part]] for y, u, v in (source, filtered))
        _filter_band(band, filtered_band, light, coding)


def _filter_band(source: list[Plane], filtered: list[Plane], light: LightMap, coding: YuvCoding) -> None:
    luma, u, v = source
    mean = average(luma, u)
    yuv = cv2.merge((mean, u, v)).astype(np.uint16, copy=False)
    rgb = cv2.transform(yuv, rgb_from_yuv(coding))
    seen = cv2.LUT(map_light(cast(Samples, cv2.LUT(rgb, decoding_table())), light), encoding_table())
    new_mean, new_u, new_v = cv2.split(_as_codes(cast(Samples, cv2.transform(seen, yuv_from_rgb(coding))), coding))
    np.copyto(filtered[1], new_u)
    np.copyto(filtered[2], new_v)
    _add(luma, filtered[0], mean, new_mean, coding)


def _add(luma: Plane, out: Plane, mean: Plane, new_mean: Plane, coding: YuvCoding) -> None:
    """out = luma + new_mean - mean, clipped, each mean for the pixels that it is of."""
    brighter = widened(cast(Plane, cv2.subtract(new_mean, mean)), luma)
    darker = widened(cast(Plane, cv2.subtract(mean, new_mean)), luma)
    rows, _ = sampling(luma, mean)
    for row in range(min(rows, len(luma))):  # each line of means serves one or two of luma
        before, after = luma[row::rows], out[row::rows]
        cv2.add(before, brighter[: len(before)], dst=after)
        cv2.subtract(after, darker[: len(before)], dst=after)
    if out.dtype != np.uint8:
        np.minimum(out, coding.highest, out=out)


def _as_codes(samples: Samples, coding: YuvCoding) -> Plane:
    """Clipped to the codes, in the planes' type: in full range, half of a code rounds up to one more than there is."""
    return cv2.convertScaleAbs(samples) if coding.bits == 8 else np.minimum(samples, coding.highest)


@lru_cache(maxsize=64)
def rgb_from_yuv(coding: YuvCoding) -> Matrix:
    """Codes of Y, U, V and 1 to channels of 0..FULL: (3, 4)."""
    rows = [(coding.luma_gain, *gains) for gains in coding.chroma_gains]
    zero = (coding.luma_black, coding.chroma_zero, coding.chroma_zero)
    return STEPS * np.array([(*row, -np.dot(row, zero)) for row in rows])


@lru_cache(maxsize=64)
def yuv_from_rgb(coding: YuvCoding) -> Matrix:
    """Channels of 0..FULL and 1 to codes of Y, U and V: (3, 4)."""
    weights = np.array([coding.luma_weights, coding.u_weights, coding.v_weights]) / STEPS
    return np.column_stack([weights, (coding.luma_black, coding.chroma_zero, coding.chroma_zero)])


@cache
def decoding_table() -> Samples:
    """Linear light of sRGB, both of 0..FULL: (1, FULL + 1)."""
    return np.rint(decode(np.arange(FULL + 1) / FULL) * FULL).astype(np.uint16)[np.newaxis]


@cache
def encoding_table() -> Samples:
    """sRGB of linear light, both of 0..FULL: (1, FULL + 1)."""
    return np.rint(encode(np.arange(FULL + 1) / FULL) * FULL).astype(np.uint16)[np.newaxis]
