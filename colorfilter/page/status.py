"""The status of the live picture in one sentence, and what a network or a TURN server blocks."""

from __future__ import annotations

import time

import streamlit as st

from colorfilter.live.picture import LivePicture
from colorfilter.page.session import page_session
from colorfilter.webrtc.ice import turn

CONNECT_HINT_DELAY_S = 10  # seconds of connecting, after which a sentence says what may be wrong

CAMERA_HINT = (
    "Press **Start camera** and allow the camera: its pictures go to this server, through the filter, and "
    "straight back to you. They are handled in memory, for you alone, and kept nowhere. "
    "Snapshots and a clip stay in memory, for you alone, until after you leave this page."
)
CARD_HINT = "Press **Start test card**: it is drawn on this server, and shows every filter without a camera."
BLOCKED = (
    "No connection yet. This network may block live video: try another one, such as a phone's, or switch off the VPN."
)
OFFER_REFUSED = (
    "This server cannot make the connection that your browser asks for. Load the page again, or try another browser."
)

FIGURES_HELP = (
    "The frames a second that reach this server, the width and height of a frame in pixels, "
    "and the milliseconds that the filter takes for one."
)


def render(live: LivePicture, playing: bool, signalling: bool, refused: bool, hint: str) -> None:
    """Show the figures of a running video, that one is connecting or was `refused`, or what to press."""
    page = page_session()
    if not signalling:
        page.connecting_since = None
    if playing:
        _figures(live)
    elif signalling and refused:
        st.warning(OFFER_REFUSED)
    elif signalling:
        _connecting()
    else:
        st.caption(hint)
    if playing:
        page.turn_trouble = None
    elif page.turn_trouble:
        st.warning(page.turn_trouble)


def _figures(live: LivePicture) -> None:
    figures = live.stats()
    if figures is None:
        st.caption("Connected; waiting for the first picture.")
        return
    rate = figures.frames_per_second
    size, work = f"{figures.width} × {figures.height}", f"{figures.milliseconds:.1f} ms"
    st.caption(("" if rate is None else f"{rate:.0f} fps · ") + f"{size} · {work}", help=FIGURES_HELP)
    if figures.failing:
        st.warning("The filter failed on a picture; the last good one is shown.")


def _connecting() -> None:
    page, now = page_session(), time.monotonic()
    page.turn_trouble = turn.allocation.trouble
    page.connecting_since = now if page.connecting_since is None else page.connecting_since
    st.caption("Connecting …")
    if now - page.connecting_since > CONNECT_HINT_DELAY_S and not turn.allocation.trouble:
        st.warning(BLOCKED)
