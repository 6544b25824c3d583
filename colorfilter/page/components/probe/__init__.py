"""The cross on the picture and the buttons that tell its color: see probe.js."""

from __future__ import annotations

from typing import Any

import streamlit as st

from colorfilter.page.components.page_component import ignore_change, page_component

HTML = """
    <div class="probe-cross" role="img" tabindex="0"
      aria-label="The cross whose color is told. Arrow keys move it, or press on the picture."></div>
    <div class="probe-told">
      <button type="button" class="before"></button><button type="button" class="after"></button>
    </div>
    <p class="probe-said" role="status"></p>
    <p class="probe-noted" role="status"></p>
"""
KEY = "cross"
WORDS = {
    "copyBefore": "Copy {}, {}, of the picture",
    "copyAfter": "Copy {}, {}, through the filter",
    "copied": "{} copied",
    "notCopied": "{}: this browser does not let the page copy it",
}


def chosen_place() -> tuple[float, float] | None:
    """Where the visitor has put the cross, 0..1 from the left and the top; None before the first time."""
    place = st.session_state.get(KEY, {}).get("at")
    return (float(place[0]), float(place[1])) if place else None


def draw_cross(data: dict[str, Any]) -> None:
    """Draw it at `x` and `y`, with the colors `before` and `after`, if they are known, and read out `said`."""
    page_component("probe", HTML)(key=KEY, data=data | {"words": WORDS}, on_at_change=ignore_change)
