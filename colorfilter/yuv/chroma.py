"""Chroma that pixels share: how many share a sample, their mean, and the sample for each of them again.

Planes are uint8 or uint16 (H, W), whole ones or the same part of each.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

import cv2
from numpy.typing import NDArray

Plane = NDArray[Any]  # uint8, or uint16 for samples of more than 8 bits
Same = TypeVar("Same", bound=NDArray[Any])


def sampling(luma: Plane, chroma: Plane) -> tuple[int, int]:
    """Lines and columns of luma that share a sample of chroma: 1 or 2 each."""
    return 1 + (len(luma) != len(chroma)), 1 + (luma.shape[1] != chroma.shape[1])


def average(plane: Same, chroma: Plane) -> Same:
    """A plane of the luma's size at the chroma's; an odd last line or column is averaged with itself."""
    if plane.shape == chroma.shape:
        return plane
    (height, width), (rows, columns) = chroma.shape, sampling(plane, chroma)
    missing = (0, rows * height - plane.shape[0], 0, columns * width - plane.shape[1])
    if any(missing):
        plane = cast(Same, cv2.copyMakeBorder(plane, *missing, cv2.BORDER_REPLICATE))
    return cast(Same, cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA))


def widened(chroma: Same, luma: Plane) -> Same:
    """A plane of the chroma's size as wide as the luma, each sample as often as pixels in a line share it."""
    if chroma.shape[1] == luma.shape[1]:
        return chroma
    return cast(Same, cv2.merge((chroma, chroma)).reshape(len(chroma), -1)[:, : luma.shape[1]])
