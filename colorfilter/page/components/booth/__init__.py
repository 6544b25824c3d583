"""The photo booth: a count-down before a snapshot, a flash with it, and the snapshot large for a moment."""

from __future__ import annotations

import streamlit as st
from av import VideoFrame

from colorfilter.live.picture import LivePicture
from colorfilter.page.components.page_component import page_component

COUNT_DOWNS_S = (0, 3, 10)  # seconds; the browser counts, and presses the button at the end
# A frame is on its way as the press is: one that comes later than this after the press was not taken before it.
LONGEST_WAY_S = 0.15
MAX_WAIT_S = 1.0  # seconds for a frame, after which there is no snapshot
# What is read out.
WORDS = {
    "taken": "Snapshot {} is taken.",
    "off": "The count-down is off.",
    "stopped": "The count-down has ended: the video stopped.",
}


def mount() -> None:
    """Have the browser count, and press the button at the end."""
    page_component("booth")(key="booth", data={"words": WORDS})


def choose_count_down() -> None:
    """Draw the choice of the seconds before a snapshot."""
    st.segmented_control(
        "Count-down",
        COUNT_DOWNS_S,
        default=COUNT_DOWNS_S[0],
        required=True,
        format_func=lambda seconds: f"{seconds} s" if seconds else ":material/timer: off",
        key="count_down",
        label_visibility="collapsed",
    )


def frame_to_keep(live: LivePicture) -> VideoFrame | None:
    """What the viewer sees; after a count-down, what the camera sees only then. None if no picture comes."""
    return live.next_frame(LONGEST_WAY_S, MAX_WAIT_S) if st.session_state.get("count_down") else live.newest()
