"""The line of the comparison, which the visitor drags on the picture itself: see compare_line.js."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from colorfilter.page.components.page_component import ignore_change, page_component

HTML = """
    <div class="compare-line" role="slider" tabindex="0" aria-orientation="horizontal" aria-valuemin="0"
      aria-valuemax="100" aria-label="Line between the original, left of it, and the filtered picture"></div>
"""


@dataclass
class Line:
    """Where one visitor's line is, 0 at the left and 1 at the right. It outlives the widget that moves it."""

    share: float = 0.5


@st.fragment
def drag_line(line: Line, on_move: Callable[[float], None]) -> None:
    """Draw the line over the picture. A fragment: it moves without a run of the page, and calls `on_move`."""
    component = page_component("compare_line", HTML, registers=False)
    result = component(key="line", data={"percent": 100 * line.share}, on_percent_change=ignore_change)
    if result.percent is not None:
        line.share = min(max(float(result.percent) / 100, 0.0), 1.0)
    on_move(line.share)
