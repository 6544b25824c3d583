"""What a viewer chooses: the mode and the view above the picture; the filter and the rest beside it."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from colorfilter.filters import PRESETS, ColorFilter
from colorfilter.live.source import CAMERA, INPUTS, RESOLUTIONS, Source
from colorfilter.page import view_widgets
from colorfilter.views.options import SIX, VIEWS, ViewOptions

MODES = ["live", "photo"]
FILTERS = [*PRESETS, "custom"]
CHOICES = {
    "mode": MODES,
    "view": VIEWS,
    "filter": FILTERS,
    "input": INPUTS,
    "resolution": list(RESOLUTIONS),
}
SCOPE_HELP = (
    "How much red, green and blue the picture has: from dark on the left to bright on the right, the outline before "
    "the filter, filled after it, with the mean brightness of each, 0 to 255."
)


# ---- What the link asked for and we do not know ----------------------------------------------------------------


def warn_unknown_query_params() -> None:
    """A sentence for each value in the link that is none of ours; the widgets fall back to their defaults."""
    if "unknown_choices" not in st.session_state:
        st.session_state.unknown_choices = [
            f"There is no {key} called “{st.query_params[key]}”; the choices are {', '.join(choices)}."
            for key, choices in CHOICES.items()
            if st.query_params.get(key, choices[0]) not in choices
        ]
    for sentence in st.session_state.unknown_choices:
        st.info(sentence, icon=":material/info:")


def _forget_what_is_unknown() -> None:
    st.session_state.unknown_choices = []


# ---- Above the picture -----------------------------------------------------------------------------------------


def choose_mode_and_view() -> tuple[str, str]:
    """One of MODES, and one of VIEWS."""
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        mode = st.segmented_control(
            "Mode",
            MODES,
            default="live",
            required=True,
            key="mode",
            bind="query-params",
            label_visibility="collapsed",
            on_change=_forget_what_is_unknown,
        )
        return mode or MODES[0], view_widgets.choose_view(on_change=_forget_what_is_unknown)


# ---- Beside it -------------------------------------------------------------------------------------------------


def choose(mode: str, view: str) -> tuple[ViewOptions, Source, bool]:
    """How the picture is shown, where a live one comes from, and whether its scope is shown."""
    chosen, percent = _choose_filter()
    strength = percent / 100
    source, mirror = _choose_source() if mode == "live" else (Source(), False)
    scope = st.toggle("Scope", True, key="scope", bind="query-params", help=SCOPE_HELP)
    _share(
        mode=mode,
        view=view,
        filter=chosen.name,
        color=chosen.hex if chosen.name == "custom" else None,
        strength=percent,
        mirror=st.session_state.get("mirror", True),
    )
    six = tuple(one.at_strength(strength) for one in SIX)
    return ViewOptions(chosen.at_strength(strength), mirror, view, view_widgets.line(), six), source, scope


def _choose_filter() -> tuple[ColorFilter, int]:
    """The filter at its full strength, and the strength in percent."""
    swatch = '.st-key-filter label:has([value="{}"]) {{ --swatch: {}; }}'
    st.html(f"<style>{''.join(swatch.format(i, f.hex) for i, f in enumerate(PRESETS.values()))}</style>")
    name = st.radio("Filter", FILTERS, key="filter", bind="query-params", on_change=_forget_what_is_unknown)
    if name == "custom":
        color = st.color_picker("Color", "#ff8800", key="color", bind="query-params")
        chosen = ColorFilter(name, ColorFilter.from_hex(color).color)
    else:
        chosen = PRESETS[name]
    percent: int = st.slider("Strength", 0, 100, 100, 5, "%d %%", key="strength", bind="query-params")
    st.caption(chosen.at_strength(percent / 100).describe())
    return chosen, percent


def _choose_source() -> tuple[Source, bool]:
    """Where the live picture comes from, and whether it is mirrored."""
    source = _choose_one("Picture from", "input", CAMERA)
    mirror = source == CAMERA and st.toggle("Mirror", True, key="mirror", bind="query-params")
    resolution = _choose_one("Resolution", "resolution", Source.resolution)
    st.caption("The resolution applies at the next start.")
    return Source(source, resolution), mirror


def _choose_one(label: str, key: str, usual: str) -> str:
    choices = list(CHOICES[key])
    return st.radio(
        label,
        choices,
        choices.index(usual),
        key=key,
        bind="query-params",
        horizontal=True,
        on_change=_forget_what_is_unknown,
    )


def _share(**chosen: object) -> None:
    """A link that opens with what is chosen now; what is chosen anyway is left out."""
    usual = {"mode": MODES[0], "view": VIEWS[0], "filter": FILTERS[0], "color": None, "strength": 100, "mirror": True}
    words = {key: str(value).lower() for key, value in chosen.items() if value != usual[key]}
    with st.popover("Share", icon=":material/share:", width="stretch"):
        st.caption("This link opens with what you see now: the filter, its strength, the view and the mirror.")
        st.code(f"{st.context.url or ''}{'?' if words else ''}{urlencode(words)}", language=None, wrap_lines=True)
