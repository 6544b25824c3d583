"""The steps that make the stock engine ours, each put where streamlit-webrtc or aioice will find it."""

from __future__ import annotations

import logging
from collections.abc import Callable

import aiortc
import streamlit_webrtc.relay
import streamlit_webrtc.webrtc

from colorfilter.webrtc import connection, peers, turn
from colorfilter.webrtc.engine import LivePeerConnection
from colorfilter.webrtc.engine.parent import check_overrides
from colorfilter.webrtc.relay import NewestFrameRelay

logger = logging.getLogger(__name__)


def patch_peer_connection() -> None:
    """streamlit-webrtc makes each connection of what its module names as `RTCPeerConnection`."""
    require(streamlit_webrtc.webrtc, "RTCPeerConnection")
    check_overrides(LivePeerConnection)
    setattr(streamlit_webrtc.webrtc, "RTCPeerConnection", LivePeerConnection)


def patch_media_relay() -> None:
    """`streamlit_webrtc.relay.get_global_relay` makes the server's relay of what the module's `MediaRelay` names."""
    require(streamlit_webrtc.relay, "MediaRelay", "get_global_relay")
    setattr(streamlit_webrtc.relay, "MediaRelay", NewestFrameRelay)


PATCHES: list[Callable[[], None]] = [
    patch_peer_connection,
    patch_media_relay,
    connection.patch_orphan_check,
    connection.patch_offers,
    peers.patch_candidates,
    turn.patch_rtc_configuration,
    turn.patch_turn_allocation,
]


def require(where: object, *names: str) -> None:
    """Raise AttributeError if one of the names is gone."""
    for name in names:
        getattr(where, name)


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
