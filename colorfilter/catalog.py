"""Every filter that has a name, and how a text names one."""

from __future__ import annotations

from colorfilter.filters import PRESETS, ColorFilter, Filter
from colorfilter.vision.picture import VISION

FILTERS: dict[str, Filter] = {**PRESETS, **VISION}


def filter_named(text: str) -> Filter:
    """The filter of that name, or of a color written "#rrggbb". Raises ValueError for any other text."""
    if text in FILTERS:
        return FILTERS[text]
    if isinstance(text, str) and text.startswith("#"):
        return ColorFilter.from_hex(text)
    names = ", ".join(FILTERS)
    raise ValueError(f"There is no filter {text!r}: take one of {names}, or a color such as #ff8800.")
