"""The line of the comparison, which the visitor drags on the picture itself: see compare_line.js."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

SCRIPT = Path(__file__).with_suffix(".js")
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
    component = st.components.v2.component(
        "colorfilter_compare_line", html=HTML, js=SCRIPT.read_text(encoding="utf-8"), isolate_styles=False
    )
    result = component(key="line", data={"percent": 100 * line.share}, on_percent_change=_ignore)
    if result.percent is not None:
        line.share = min(max(float(result.percent) / 100, 0.0), 1.0)
    on_move(line.share)


def _ignore() -> None:
    """Streamlit names the component's states by their callbacks."""
