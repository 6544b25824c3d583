"""What a viewer chooses: the mode above the picture; the filter, the view and the rest beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from colorfilter.filters import ColorFilter
from colorfilter.live.source import INPUTS, RESOLUTIONS, Source
from colorfilter.page import share
from colorfilter.page.session import Mode, page_session
from colorfilter.page.source_settings import choose_settings
from colorfilter.page.swatches import FILTERS, USUAL_COLOR, USUAL_FILTER, USUAL_STRENGTH, choose_filter
from colorfilter.views.options import VIEWS, View, ViewOptions, sheet_of

CHOICES = {
    "mode": [mode.value for mode in Mode],
    "view": VIEWS,
    "filter": FILTERS,
    "input": INPUTS,
    "resolution": list(RESOLUTIONS),
}
SWITCHES = ["mirror", "scope", "probe"]
PROBE_HELP = (
    "In the view Filter, a cross on the picture names the color under it, as it came and through the filter. "
    "Press on the picture to move it, and on a color to copy it."
)
MAX_SHOWN_CHARACTERS = 40  # of an unknown value
# What a link need not say.
USUAL = {
    "mode": Mode.LIVE,
    "view": View.FILTER,
    "filter": USUAL_FILTER,
    "color": None,
    "strength": USUAL_STRENGTH,
    "mirror": True,
    "probe": False,
}


# ---- What the link asked for and we do not know ----------------------------------------------------------------


def warn_unknown_query_params() -> None:
    """Show a sentence for each unknown value in the link. The widgets then have their defaults."""
    page = page_session()
    if page.unknown_choices is None:
        if st.query_params.get("view") == "all six":  # links of version 1
            del st.query_params["view"]
            st.session_state.view = View.ALL.value
        if st.query_params.get("mode") == "photo":  # links from before there were clips
            del st.query_params["mode"]
            st.session_state.mode = Mode.FILE.value
        page.unknown_choices = [
            f"There is no {key} called “{_plain(st.query_params[key])}”; the choices are {', '.join(choices)}."
            for key, choices in CHOICES.items()
            if st.query_params.get(key, choices[0]) not in choices
        ]
        color = st.query_params.get("color", USUAL_COLOR)
        try:
            ColorFilter.from_hex(color)
        except ValueError:
            del st.query_params["color"]  # the color picker would raise
            page.unknown_choices.append(f"“{_plain(color)}” is no color such as {USUAL_COLOR}.")
        strength = st.query_params.get("strength", str(USUAL_STRENGTH))
        if not _is_percentage(strength):
            page.unknown_choices.append(f"“{_plain(strength)}” is no strength, which is a number from 0 to 100.")
        page.unknown_choices += [
            f"“{_plain(st.query_params[key])}” is no value of {key}, which is true or false."
            for key in SWITCHES
            if st.query_params.get(key, "true").lower() not in ("true", "false")
        ]
    for sentence in page.unknown_choices:
        st.info(sentence, icon=":material/info:")


def _is_percentage(value: str) -> bool:
    try:
        return 0 <= float(value) <= 100
    except ValueError:
        return False


def _plain(value: str) -> str:
    """A value of the link, shortened and without the characters that Markdown interprets.

    The full stop is one of them: "www.example.org" becomes a link by itself.
    """
    return re.sub(r"[^\w #,-]|_", "·", value)[:MAX_SHOWN_CHARACTERS]


def _forget_what_is_unknown() -> None:
    page_session().unknown_choices = []


# ---- Above the picture -----------------------------------------------------------------------------------------


def choose_mode() -> Mode:
    """Live or file."""
    return Mode(_choose_one("Mode", "mode", CHOICES["mode"]))


# ---- Beside it -------------------------------------------------------------------------------------------------


def choose(mode: Mode) -> tuple[ViewOptions, Source, bool]:
    """Return how the picture is shown, the source of a live one, and whether the scope is shown."""
    chosen, color, percent = choose_filter(_forget_what_is_unknown)
    strength = percent / 100
    view = View(_choose_one("View", "view", VIEWS))
    off = view != View.FILTER
    probe = st.toggle(
        "Which color is this?",
        key="probe",
        bind="query-params",
        help=PROBE_HELP,
        on_change=_forget_what_is_unknown,
        disabled=off,
    )
    source, mirror, scope = choose_settings(mode, _forget_what_is_unknown)
    shared = {
        "mode": mode,
        "view": view,
        "filter": chosen.name,
        "color": color,
        "strength": percent,
        "mirror": st.session_state.get("mirror", True),
        "probe": probe,
    }
    share.render(shared, USUAL)
    sheet = sheet_of(chosen, strength)
    line = page_session().line.share
    return ViewOptions(chosen.at_strength(strength), mirror, view, line, sheet), source, scope


def _choose_one(label: str, key: str, choices: Sequence[str]) -> str:
    """One of the choices, by buttons side by side; the first one by default."""
    chosen = st.segmented_control(
        label,
        choices,
        default=choices[0],
        required=True,
        key=key,
        bind="query-params",
        label_visibility="collapsed",
        on_change=_forget_what_is_unknown,
    )
    return chosen or choices[0]
