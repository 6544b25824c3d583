"""Starts a stream again that died or whose source has changed, and says so."""

from __future__ import annotations

from colorfilter.page.components.page_component import page_component

HELPERS = ("stream_health.js", "restart.js", "status_bar.js")
WORDS = {
    "lost": "The connection to the server is lost. The page reaches for it, and comes back by itself.",
    "startingAgain": "The video does not come. It starts again by itself ({} of {}) …",
    "leaveOff": "Leave it off",
    "givenUp": "The video does not come, after three more starts.",
    "startAgain": "Start again",
}


def mount() -> None:
    """Keep watching the stream."""
    page_component("reconnecting", helpers=HELPERS)(key="reconnecting", data={"words": WORDS})
