"""The filters as swatches to press, in two groups, and the strength under them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import streamlit as st

from colorfilter.catalog import FILTERS as NAMED
from colorfilter.filters import PRESETS, ColorFilter, Filter, filter_image
from colorfilter.page.session import page_session
from colorfilter.vision.picture import VISION

CUSTOM = "custom"
GROUPS = {"Color": [*PRESETS, CUSTOM], "Vision": [*VISION]}
FILTERS = [name for names in GROUPS.values() for name in names]
USUAL_FILTER = "yellow"  # it shows at once that something happens, and leaves a face its colors
USUAL_COLOR = "#ff8800"
USUAL_STRENGTH = 100
# The bright colors of the wheel, a twelfth of a turn from each other.
HUES = [(255, 0, 0), (255, 128, 0), (255, 255, 0), (128, 255, 0), (0, 255, 0), (0, 255, 128), (0, 255, 255),
        (0, 128, 255), (0, 0, 255), (128, 0, 255), (255, 0, 255), (255, 0, 128)]  # fmt: skip


def choose_filter(on_change: Callable[[], None]) -> tuple[Filter, str | None, int]:
    """The filter at its full strength, its color as "#rrggbb" if it is the custom one, and the strength in percent."""
    group = _choose_group()
    st.html(f"<style>{_styles(group)}</style>")
    usual = FILTERS.index(USUAL_FILTER)
    name = st.radio(
        "Filter",
        FILTERS,
        usual,
        key="filter",
        bind="query-params",
        on_change=_change_filter,
        args=(on_change,),
        label_visibility="collapsed",  # the groups above say it
    )
    place = st.container()  # always there: what stands below keeps its place, and open settings stay open
    with place:
        color = _choose_color(on_change) if name == CUSTOM else None
    chosen = NAMED[name] if color is None else ColorFilter(name, ColorFilter.from_hex(color).color)
    percent: int = st.slider(
        "Strength", 0, 100, USUAL_STRENGTH, 5, "%d %%", key="strength", bind="query-params", on_change=on_change
    )
    st.caption(chosen.at_strength(percent / 100).describe())
    return chosen, color, percent


def _choose_color(on_change: Callable[[], None]) -> str:
    """A color as "#rrggbb"; the usual one for what a link may say and Streamlit's picker takes, such as "#fff"."""
    color: str = st.color_picker("Color", USUAL_COLOR, key="color", bind="query-params", on_change=on_change)
    try:
        ColorFilter.from_hex(color)
    except ValueError:
        return USUAL_COLOR
    return color


def _choose_group() -> str:
    """The group of the chosen filter. Another one is shown with the filter that was chosen in it last."""
    name = st.session_state.get("filter") or st.query_params.get("filter", USUAL_FILTER)
    group = "Vision" if name in VISION else "Color"
    page_session().last_filters[group] = name if name in FILTERS else USUAL_FILTER
    if st.session_state.get("group") != group:  # not each time: the page would take it for newer than a press
        st.session_state.group = group
    st.segmented_control(
        "Filters", list(GROUPS), required=True, key="group", on_change=_change_group, label_visibility="collapsed"
    )
    return group


def _change_group() -> None:
    session, group = page_session(), st.session_state.group
    session.filter_before_group = next((name for one, name in session.last_filters.items() if one != group), None)
    st.session_state.filter = _last_filter(group)


def _change_filter(on_change: Callable[[], None]) -> None:
    """A press on a swatch; or on anything, by a browser that had not heard yet what a press on a group has chosen."""
    session = page_session()
    if st.session_state.filter == session.filter_before_group:
        st.session_state.filter = _last_filter(st.session_state.group)
        return
    session.filter_before_group = None
    on_change()


def _last_filter(group: str) -> str:
    """The one that was chosen last in that group; at first, the group's first."""
    return page_session().last_filters.get(group, GROUPS[group][0])


@cache
def _styles(group: str) -> str:
    """The look of each swatch. Those of the other group are not there."""
    rule = '.st-key-filter label:has([value="{}"]) {{ {} }}'
    rules = [rule.format(i, f"--swatch: {_swatch(name)};") for i, name in enumerate(FILTERS) if name != CUSTOM]
    if group == "Vision":  # longer names
        rules.append(".st-key-filter label[data-testid=stRadioOption] p { font-size: 0.8125rem; }")
    return "".join(rules + [rule.format(FILTERS.index(n), "display: none;") for n in FILTERS if n not in GROUPS[group]])


def _swatch(name: str) -> str:
    """The color of a color filter; the color wheel through a vision filter."""
    if name in PRESETS:
        return PRESETS[name].hex
    through = filter_image(np.array([[*HUES, HUES[0]]], np.uint8), VISION[name])[0]
    return f"conic-gradient({', '.join('#' + bytes(color).hex() for color in through.tolist())})"
