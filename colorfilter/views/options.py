"""What a viewer has chosen, and a frame or a still picture shown so."""

from __future__ import annotations

from dataclasses import dataclass

from av import VideoFrame

from colorfilter.filters import PRESETS, ColorFilter, Picture, filter_image
from colorfilter.views.still import compared_image, six_image
from colorfilter.views.video import SIX, compared_view, filtered_view, six_view

VIEWS = ("filter", "compare", "all six")


@dataclass(frozen=True)
class Chosen:
    """The filter, strength included, whether the live picture is mirrored, and one of VIEWS.

    `line` is where the comparison's line stands, 0 at the left and 1 at the right; `six` are the sheet's filters.
    """

    color_filter: ColorFilter = PRESETS["original"]
    mirror: bool = True
    view: str = "filter"
    line: float = 0.5
    six: tuple[ColorFilter, ...] = SIX

    def show(self, frame: VideoFrame) -> VideoFrame:
        """The frame as it is to be seen, a new yuv420p frame."""
        if self.view == "compare":
            return compared_view(frame, self.color_filter, self.mirror, self.line)
        if self.view == "all six":
            return six_view(frame, self.mirror, self.six)
        return filtered_view(frame, self.color_filter, self.mirror)

    def show_image(self, image: Picture) -> Picture:
        """The still picture, uint8 RGB or RGBA (H, W, 3 or 4), as it is to be seen, a new array. Never mirrored."""
        if self.view == "compare":
            return compared_image(image, self.color_filter, self.line)
        if self.view == "all six":
            return six_image(image, self.six)
        return filter_image(image, self.color_filter)
