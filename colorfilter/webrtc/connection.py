"""A viewer's connection: kept while the page is shown, ended with it, and whether the viewer is still there."""

from __future__ import annotations

import logging
import time
from typing import Any, cast
from weakref import WeakKeyDictionary

import streamlit as st
from streamlit_webrtc import component
from streamlit_webrtc.session_info import get_script_run_count, get_this_session_info
from streamlit_webrtc.webrtc import WebRtcWorker

from colorfilter.host.settings import settings
from colorfilter.host.streamlit_internals import current_session_id, is_session_active
from colorfilter.webrtc.limits import check_offer, few_candidates

logger = logging.getLogger(__name__)

MAX_CUT_RUN_INTERVAL_S = 3.0  # how long runs that are cut short may follow each other
SILENCE_TIMEOUT_S = 20.0  # seconds without a frame after which a viewer is gone
CLOSED_TIMEOUT_S = 2.0  # the same, when the page's own connection is closed too


def keep_connection(key: str) -> None:
    """Tell the streamer of that key that this run of the script renders it. Call this first in the script.

    Streamlit cuts a run short when the next one is due, as happens while ICE candidates arrive. streamlit-webrtc
    then takes a component that no run reached for one whose page was left, and closes its connection
    (`component._get_or_create_context`): about one start in twenty stays black.
    """
    context = st.session_state.get(key)
    session = get_this_session_info()
    if context is not None and session is not None:
        context._last_rendered_run_count = get_script_run_count(session)


def patch_orphan_check() -> None:
    """Take no connection for an orphan that was rendered just now: see `keep_connection`.

    While ICE candidates arrive, runs that are cut short follow each other within a fraction of a second. Whoever
    leaves a page and comes back takes longer.
    """
    get_or_create = component._get_or_create_context
    rendered_at: WeakKeyDictionary[Any, float] = WeakKeyDictionary()

    def get_unless_cut_short(key: str) -> Any:
        now, known = time.monotonic(), st.session_state.get(key)
        if known is not None and now - rendered_at.get(known, float("-inf")) < MAX_CUT_RUN_INTERVAL_S:
            keep_connection(key)
        context = get_or_create(key)
        setattr(context, "is_new", known is None)
        rendered_at[context] = now
        return context

    setattr(component, "_get_or_create_context", get_unless_cut_short)


def patch_offers() -> None:
    """Leave out states, offers and candidates that no page of ours sends, and an offer that comes before the page.

    At the first run of the script nobody has asked for a place yet: streamlit-webrtc would make a worker that the next
    run drops, and so for ever.
    """
    lifecycle, compile_state = component._handle_worker_lifecycle, component.compile_state
    restore = component._restore_snapshot_if_needed
    set_candidates = WebRtcWorker.set_ice_candidates_from_offerer

    def handle_good_offers(context: Any, key: str, sdp_offer: Any, *, make_worker: Any) -> None:
        if sdp_offer and context._get_worker() is None:
            sdp_offer = None if getattr(context, "is_new", False) else _good_offer(sdp_offer)
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


def end_connection(key: str) -> None:
    """Close the connection of the streamer of that key, if it has one, on a page that no longer renders it."""
    reset(st.session_state.get(key))


def reset(context: Any) -> None:
    """Close a streamer's connection and forget it, as streamlit-webrtc does when its page is left."""
    if context is not None and (reset_context := getattr(component, "_reset_context", None)):
        reset_context(context)


class Viewer:
    """One viewer of the page: the browser's session, and what its streamer of key `key` is about.

    Without a camera (`sends` is False), presence means an open page. Make it in a run of the script; use it from any
    thread.
    """

    def __init__(self, key: str, sends: bool = True) -> None:
        self.id = current_session_id() or ""
        self._stream = st.session_state.get(key)
        self.sends = sends
        self._since = self._on_page = time.monotonic()
        self._had_worker = self._had_connection = False

    @property
    def wants_live(self) -> bool:
        """Whether the streamer is connecting or connected."""
        return self._stream is not None and (self._stream.state.playing or self._stream.state.signalling)

    def present(self, silent_for: float) -> bool:
        """Whether the viewer is still there, `silent_for` seconds after the last frame."""
        worker = self._stream._get_worker() if self._stream is not None else None
        now = time.monotonic()
        waited, on_page = now - self._since, is_session_active(self.id)
        if on_page:
            self._on_page = now
        if not self.sends:
            silent_for = now - self._on_page
        if worker is None:
            return not self._had_worker and on_page and waited < settings().connect_seconds
        self._had_worker = True
        if worker.pc.connectionState == "closed":
            return False
        self._had_connection |= worker.pc.connectionState == "connected"
        if not self._had_connection and waited >= settings().connect_seconds:
            return False
        return min(silent_for, waited) < (SILENCE_TIMEOUT_S if on_page else CLOSED_TIMEOUT_S)

    def end(self) -> None:
        """Close the connection and forget it, as if the streamer had just come up."""
        reset(self._stream)
