"""All that reaches into streamlit-webrtc: what it makes connections of, and how it keeps and ends them.

Read in streamlit-webrtc 0.79; `webrtc.install` takes the steps. Each can go when streamlit-webrtc lets one choose what
it replaces.
"""

from __future__ import annotations

import logging
from typing import Any, cast

import streamlit as st
import streamlit_webrtc.relay
import streamlit_webrtc.webrtc
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcconfiguration import RTCConfiguration, RTCIceTransportPolicy
from streamlit_webrtc import component
from streamlit_webrtc.webrtc import WebRtcWorker

from colorfilter.host.settings import settings
from colorfilter.webrtc.engine import LivePeerConnection
from colorfilter.webrtc.engine.parent import check_overrides
from colorfilter.webrtc.engine.picture_gate import PictureLimit
from colorfilter.webrtc.offers import check_offer, few_candidates

logger = logging.getLogger(__name__)


# ---- A streamer's context, which `webrtc_streamer` keeps in the session under its key ------------------------------


def streamer(key: str) -> Any:
    """The streamer of that key, None before it was first drawn."""
    return st.session_state.get(key)


def wants_live(context: Any) -> bool:
    """Whether a streamer is connecting or connected."""
    return context is not None and (context.state.playing or context.state.signalling)


def connection_state(context: Any) -> str | None:
    """The state of a streamer's peer connection, in WebRTC's words; None without one."""
    worker = context._get_worker() if context is not None else None
    return None if worker is None else str(worker.pc.connectionState)


def is_offer_refused(context: Any) -> bool:
    """Whether the offer of a streamer's browser was left out, so that no connection comes of it."""
    return bool(getattr(context, "offer_refused", False))


def picture_limit(context: Any) -> PictureLimit | None:
    """The limit of the pictures that a streamer's browser sends; None without a connection, and for a stock one."""
    worker = context._get_worker() if context is not None else None
    return None if worker is None else getattr(worker.pc, "picture_limit", None)


def reset(context: Any) -> None:
    """Close a streamer's connection and forget it, as streamlit-webrtc does when its page is left."""
    if context is not None and (reset_context := getattr(component, "_reset_context", None)):
        reset_context(context)


def end_connection(key: str) -> None:
    """Close the connection of the streamer of that key, if it has one, on a page that no longer renders it."""
    reset(streamer(key))


# ---- What is replaced ----------------------------------------------------------------------------------------------


def patch_peer_connection() -> None:
    """streamlit-webrtc makes each connection of what its module names as `RTCPeerConnection`."""
    require(streamlit_webrtc.webrtc, "RTCPeerConnection")
    check_overrides(LivePeerConnection)
    setattr(streamlit_webrtc.webrtc, "RTCPeerConnection", LivePeerConnection)


class NewestFrameRelay(MediaRelay):
    """A relay whose subscribers get the newest frame: the stock one queues every frame, without bound."""

    def subscribe(self, track: MediaStreamTrack, buffered: bool = False) -> MediaStreamTrack:
        return super().subscribe(track, buffered=False)


def patch_media_relay() -> None:
    """`streamlit_webrtc.relay.get_global_relay` makes the server's relay of what the module's `MediaRelay` names."""
    require(streamlit_webrtc.relay, "MediaRelay", "get_global_relay")
    setattr(streamlit_webrtc.relay, "MediaRelay", NewestFrameRelay)


def patch_orphan_check() -> None:
    """Take a streamer for left when Streamlit has forgotten its component: a run came to its end without drawing it.

    streamlit-webrtc takes it for left when more than one run has ended since it was drawn, and closes its connection
    (`component._get_or_create_context`). While ICE candidates arrive, runs follow each other faster than Streamlit
    counts them, and some are cut short before they reach the streamer: about one start in twenty stays black.
    """
    require(component, "_reset_context")
    get_or_create, component_key = component._get_or_create_context, component.generate_frontend_component_key

    def get_unless_left(key: str) -> Any:
        known = streamer(key)
        if hasattr(known, "_last_rendered_run_count"):
            if component_key(key) not in st.session_state:
                reset(known)
            known._last_rendered_run_count = None  # without which the stock check is left out
        context = get_or_create(key)
        setattr(context, "is_new", known is None)
        return context

    setattr(component, "_get_or_create_context", get_unless_left)


def patch_offers() -> None:
    """Leave out states, offers and candidates that no page of ours sends, and an offer that comes before the page.

    At the first run of the script nobody has asked for a place yet: streamlit-webrtc would make a worker that the next
    run drops, and so for ever.
    """
    lifecycle, compile_state = component._handle_worker_lifecycle, component.compile_state
    restore = component._restore_snapshot_if_needed
    set_candidates = WebRtcWorker.set_ice_candidates_from_offerer

    def handle_good_offers(context: Any, key: str, sdp_offer: Any, *, make_worker: Any) -> None:
        context.offer_refused = False
        if sdp_offer and context._get_worker() is None:
            is_new = getattr(context, "is_new", False)
            sdp_offer = None if is_new else _good_offer(sdp_offer)
            context.offer_refused = not is_new and sdp_offer is None
        made: list[Any] = []

        def make_and_note() -> Any:
            made.append(make_worker())
            return made[-1]

        try:
            lifecycle(context, key, sdp_offer, make_worker=make_and_note)
        except Exception as error:  # aiortc raises nearly everything on an offer that it cannot answer
            for worker in made:
                worker.stop()
            if not made:
                raise
            context.offer_refused = True
            logger.warning("An offer is left out: it cannot be answered (%s).", type(error).__name__)

    def compile_table(value: Any) -> Any:
        return compile_state(value if isinstance(value, dict) else {})

    def restore_table(context: Any, value: Any) -> Any:
        return restore(context, value if isinstance(value, dict) else None)

    def set_few_candidates(self: Any, candidates: Any) -> None:
        known = self._added_ice_candidate_ids
        set_candidates(self, cast(Any, few_candidates(candidates, known, settings().max_candidates - len(known))))

    setattr(component, "compile_state", compile_table)
    setattr(component, "_restore_snapshot_if_needed", restore_table)
    setattr(component, "_handle_worker_lifecycle", handle_good_offers)
    setattr(WebRtcWorker, "set_ice_candidates_from_offerer", set_few_candidates)


def _good_offer(offer: Any) -> Any:
    try:
        check_offer(offer.get("sdp") if isinstance(offer, dict) else None, settings().max_candidates)
    except ValueError as problem:
        logger.warning("An offer is left out: %s", problem)
        return None
    return offer


def patch_rtc_configuration() -> None:
    """Give the server `iceTransportPolicy`, and the browser its configuration with no copy of it kept.

    `component.compile_rtc_configuration` takes the ICE servers alone, and `enhance_frontend_rtc_configuration` is
    cached for ever: every viewer's credentials would stay in memory.
    """
    internals: Any = component
    compile_servers = internals.compile_rtc_configuration
    enhance = internals.enhance_frontend_rtc_configuration

    def compile_whole(configuration: Any) -> RTCConfiguration:
        compiled: RTCConfiguration = compile_servers(configuration)
        compiled.iceTransportPolicy = RTCIceTransportPolicy(configuration.get("iceTransportPolicy", "all"))
        return compiled

    def as_it_is(configuration: Any = None) -> Any:
        return configuration if configuration and "iceServers" in configuration else enhance(configuration)

    setattr(internals, "compile_rtc_configuration", compile_whole)
    setattr(internals, "enhance_frontend_rtc_configuration", as_it_is)


def require(where: object, *names: str) -> None:
    """Raise AttributeError if one of the names is gone."""
    for name in names:
        getattr(where, name)
