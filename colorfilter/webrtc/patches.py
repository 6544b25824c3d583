"""The steps that make the stock engine ours, each put where streamlit-webrtc or aioice will find it."""

from __future__ import annotations

import logging
from collections.abc import Callable

import aiortc

from colorfilter.webrtc import streamlit_webrtc_internals as internals
from colorfilter.webrtc.ice import peer_addresses, turn

logger = logging.getLogger(__name__)

PATCHES: list[Callable[[], None]] = [
    internals.patch_peer_connection,
    internals.patch_media_relay,
    internals.patch_orphan_check,
    internals.patch_offers,
    internals.patch_rtc_configuration,
    peer_addresses.patch_candidates,
    turn.patch_turn_allocation,
]


def install() -> None:
    """Take every step, once in a process. A step whose place has moved is left out, with one line in the log."""
    if hasattr(aiortc, "color_filter_installed"):
        return
    setattr(aiortc, "color_filter_installed", True)
    for step in PATCHES:
        try:
            step()
        except Exception as error:
            logger.warning("The live engine runs without %s: %s.", step.__name__, error)
