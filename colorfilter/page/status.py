"""How the live picture goes, in one sentence; and what TURN or the network does not let through."""

from __future__ import annotations

import time

import streamlit as st

from colorfilter.live.picture import LivePicture
from colorfilter.webrtc import turn

PATIENCE = 10  # seconds after which a connection that does not come up needs a word

CAMERA_HINT = (
    "Press **Start camera** and allow the camera: its pictures go to this server, through the filter, and "
    "straight back to you. They are handled in memory, for you alone, and kept nowhere. "
    "Snapshots and a clip stay in memory, for you alone, until after you leave this page."
)
CARD_HINT = "Press **Start test card**: it is drawn on this server, and shows every filter without a camera."
BLOCKED = (
    "No connection yet. This network may block live video: try another one, such as a phone's, or switch off the VPN."
)


def render(live: LivePicture, playing: bool, signalling: bool, hint: str) -> None:
    """The figures while it plays, how long it has been connecting, or what to press."""
    if not signalling:
        st.session_state.pop("connecting_since", None)
    if playing:
        _figures(live)
    elif signalling:
        _connecting()
    else:
        st.markdown(hint)
    if playing:
        st.session_state.turn_trouble = None
    elif st.session_state.get("turn_trouble"):
        st.warning(st.session_state.turn_trouble)


def _figures(live: LivePicture) -> None:
    figures = live.stats()
    if figures is None:
        st.markdown("Connected; waiting for the first picture.")
        return
    rate = figures.frames_per_second
    st.markdown(
        ("" if rate is None else f"**{rate:.0f}** frames a second · ")
        + f"**{figures.width} × {figures.height}** received · **{figures.milliseconds:.1f} ms** of filter time a frame"
    )
    if figures.failing:
        st.warning("The filter failed on a picture; the last good one is shown.")


def _connecting() -> None:
    st.session_state.turn_trouble = turn.allocation.trouble
    waiting = time.monotonic() - st.session_state.setdefault("connecting_since", time.monotonic())
    st.markdown("Connecting …")
    if waiting > PATIENCE and not turn.allocation.trouble:
        st.warning(BLOCKED)
