"""The settings of the live picture's source, folded: camera or test card, which camera, mirror, resolution, scope."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from colorfilter.live.source import CAMERA, INPUTS, RESOLUTIONS, Source
from colorfilter.page.components import camera_choice
from colorfilter.page.session import Mode

SCOPE_HELP = (
    "How much red, green and blue the picture has: from dark on the left to bright on the right, the outline before "
    "the filter, filled after it, with the mean brightness of each, 0 to 255."
)


def choose_settings(mode: Mode, on_change: Callable[[], None]) -> tuple[Source, bool, bool]:
    """Return the source of a live picture, whether it is mirrored, and whether the scope is shown."""
    with st.expander("Settings", icon=":material/tune:"):
        source, mirror = _choose_source(on_change) if mode == Mode.LIVE else (Source(), False)
        scope = st.toggle("Scope", True, key="scope", bind="query-params", help=SCOPE_HELP, on_change=on_change)
    return source, mirror, scope


def _choose_source(on_change: Callable[[], None]) -> tuple[Source, bool]:
    """Where the live picture comes from, and whether it is mirrored."""
    source = _choose_one("Picture from", "input", list(INPUTS), CAMERA, on_change)
    mirror = source == CAMERA and st.toggle("Mirror", True, key="mirror", bind="query-params", on_change=on_change)
    if source == CAMERA:
        camera_choice.mount()
    resolution = _choose_one("Resolution", "resolution", list(RESOLUTIONS), Source.resolution, on_change)
    return Source(source, resolution), mirror


def _choose_one(label: str, key: str, choices: list[str], usual: str, on_change: Callable[[], None]) -> str:
    return st.radio(
        label, choices, choices.index(usual), key=key, bind="query-params", horizontal=True, on_change=on_change
    )
