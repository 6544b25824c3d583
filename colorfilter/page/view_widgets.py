"""The widgets around a picture: which view, and under it the comparison's line and the sheet's choices."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from colorfilter.views.options import SIX, VIEWS

MIDDLE = 50  # percent


def choose_view(on_change: Callable[[], None]) -> str:
    """One of VIEWS."""
    view = st.segmented_control(
        "View",
        VIEWS,
        default=VIEWS[0],
        required=True,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
        on_change=on_change,
    )
    return view or VIEWS[0]


def line() -> float:
    """Where the comparison's line stands, 0 at the left and 1 at the right, also before `choose_line` is drawn."""
    percent: int = st.session_state.get("line", MIDDLE)
    return percent / 100


def choose_line() -> None:
    """The slider that moves the line."""
    st.slider("Original left of the line, filtered right of it", 0, 100, MIDDLE, 1, "%d %%", key="line")


def choose_one_of_six() -> None:
    """The sheet's filters as buttons; a press leaves the sheet with that filter."""
    with st.container(key="six"):
        for color_filter in SIX:
            name = color_filter.name
            st.button(name, f"six_{name}", on_click=_leave_sheet, args=(name,), width="stretch")


def _leave_sheet(name: str) -> None:
    st.session_state.filter = name
    st.session_state.view = VIEWS[0]
