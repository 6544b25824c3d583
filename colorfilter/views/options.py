"""What a viewer has chosen, as plain data: the filter and how the picture is shown through it."""

from __future__ import annotations

from dataclasses import dataclass

from colorfilter.filters import PRESETS, ColorFilter

VIEWS = ("filter", "compare", "all six")
# The sheet's filters, row by row.
SIX = tuple(color_filter for name, color_filter in PRESETS.items() if name != "original")


@dataclass(frozen=True)
class ViewOptions:
    """The filter, strength included, whether the live picture is mirrored, and one of VIEWS.

    `line` is where the comparison's line stands, 0 at the left and 1 at the right; `six` are the sheet's filters.
    """

    color_filter: ColorFilter = PRESETS["original"]
    mirror: bool = True
    view: str = "filter"
    line: float = 0.5
    six: tuple[ColorFilter, ...] = SIX
