"""What a viewer has chosen, as plain data: the filter and how the picture is shown through it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from colorfilter.filters import PRESETS, WHITE, ColorFilter, Filter
from colorfilter.vision.picture import VISION


class View(StrEnum):
    """How the picture is shown. Links and the command line say it by these words."""

    FILTER = "filter"
    COMPARE = "compare"  # with the original, left of a line
    ALL = "all"  # each filter of a set on one sheet


VIEWS = [view.value for view in View]
# The filters of a sheet, row by row: those of the set at hand.
COLOR_SHEET: tuple[Filter, ...] = tuple(one for name, one in PRESETS.items() if name != "original")
VISION_SHEET: tuple[Filter, ...] = (
    ColorFilter("normal", WHITE),
    *(VISION[name] for name in ("protan", "deutan", "tritan")),
)


@dataclass(frozen=True)
class ViewOptions:
    """The filter, strength included, whether the live picture is mirrored, and the view.

    `line` is where the comparison's line stands, 0 at the left and 1 at the right; `sheet` are the
    sheet's filters.
    """

    color_filter: Filter = PRESETS["original"]
    mirror: bool = True
    view: View = View.FILTER
    line: float = 0.5
    sheet: tuple[Filter, ...] = COLOR_SHEET

    @property
    def file_part(self) -> str:
        """What the file of such a picture is named after: the filter, or the whole sheet."""
        return View.ALL.value if self.view == View.ALL else self.color_filter.name.lstrip("#")


def sheet_of(one: Filter, strength: float = 1.0) -> tuple[Filter, ...]:
    """The sheet of the set that the filter belongs to, all of it at that strength."""
    sheet = VISION_SHEET if one.name in VISION else COLOR_SHEET
    return tuple(tile.at_strength(strength) for tile in sheet)
