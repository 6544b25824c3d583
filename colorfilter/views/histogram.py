"""The channel scope: how much red, green and blue is in a picture before and after the filter, counted and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import cv2
import numpy as np
from numpy.typing import NDArray

from colorfilter.filters import CHANNELS, Filter, Picture, filter_image

BINS = 32  # of 8 levels each
HEIGHT = 40  # units of the drawing, in which a bin is 1 wide
# To be told from a light page and from a dark one.
COLORS = {"red": "#e22830", "green": "#18943c", "blue": "#306ce8"}

Counts = NDArray[np.float64]


@dataclass(frozen=True)
class ChannelHistograms:
    """Of a picture before and after: the share of its pixels in each bin, (3, BINS), and the means, 0..255, (3,)."""

    before: Counts
    after: Counts
    before_means: Counts
    after_means: Counts

    def words(self) -> str:
        """The means in words: "Before: red 84, green 80, blue 71; after: red 84, green 80, blue 0."."""
        return f"Before: {_means(self.before_means)}; after: {_means(self.after_means)}."

    def html(self) -> str:
        """Three histograms side by side, before as an outline and after filled, and the means as numbers."""
        figures = "".join(self._figure(i, name) for i, name in enumerate(CHANNELS))
        return f'<div class="scope" role="img" aria-label="{self.words()}">{figures}</div>'

    def _figure(self, channel: int, name: str) -> str:
        top = max(self.before[channel].max(), 1e-9)
        after, before = (_path(shares[channel] / top) for shares in (self.after, self.before))
        numbers = f"{self.before_means[channel]:.0f} → <b>{self.after_means[channel]:.0f}</b>"
        drawing = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -1 {BINS} {HEIGHT + 1}" preserveAspectRatio="none">'
            f'<path fill="{COLORS[name]}" fill-opacity=".45" d="{after}Z"/>'
            f'<path fill="none" stroke="{COLORS[name]}" stroke-width="1.5" vector-effect="non-scaling-stroke" '
            f'd="{before}"/></svg>'
        )
        # An image, because Streamlit removes SVG from HTML. Without decoding="sync" it would flicker as it changes.
        return (
            f'<figure><img src="data:image/svg+xml,{quote(drawing)}" decoding="sync" alt="">'
            f"<figcaption>{name.capitalize()} {numbers}</figcaption></figure>"
        )


def histograms(sample: Picture, color_filter: Filter) -> ChannelHistograms:
    """The scope of a small RGB picture, uint8 (H, W, 3), as it came and through the filter."""
    filtered = filter_image(sample, color_filter)
    return ChannelHistograms(_shares(sample), _shares(filtered), _means_of(sample), _means_of(filtered))


def _shares(picture: Picture) -> Counts:
    counts = [cv2.calcHist([picture], [channel], None, [BINS], [0, 256]).ravel() for channel in range(3)]
    return np.array(counts, np.float64) / (picture.size // 3)


def _means_of(picture: Picture) -> Counts:
    return np.array(cv2.mean(picture)[:3])


def _path(heights: Counts) -> str:
    """The outline of bars of those heights, 1 being the whole drawing; what is higher is cut off."""
    tops = np.rint(HEIGHT * (1 - heights.clip(0, 1))).astype(int).tolist()
    return f"M0 {HEIGHT}" + "".join(f"V{top}H{i}" for i, top in enumerate(tops, 1)) + f"V{HEIGHT}"


def _means(means: Counts) -> str:
    return ", ".join(f"{name} {mean:.0f}" for name, mean in zip(CHANNELS, means, strict=True))
