"""The page's live mode: a place, the streamer, and under it what belongs to the view and how it goes."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import streamlit as st
from streamlit_webrtc import WebRtcMode, webrtc_streamer

from colorfilter import webrtc
from colorfilter.host import logs, metrics
from colorfilter.host.capacity import CORES_PER_VIEWER, Place, all_places
from colorfilter.live.picture import LivePicture
from colorfilter.live.source import CAMERA, CARD, Source
from colorfilter.live.testcard import TestCardTrack
from colorfilter.page import connection_check, ice_servers, recording, snapshots, status, streamer, view_widgets
from colorfilter.views.histogram import histograms
from colorfilter.views.options import ViewOptions

# The streamer that shows each of them.
KEYS = {CAMERA: "live", CARD: "card"}
OFTEN, SELDOM = 0.5, 1.0  # seconds from one look at the stream to the next, with the scope and without


def keep_connection(shown: bool) -> None:
    """Keep the connection that is shown and end all others. Call this first in the script: see `webrtc`."""
    chosen = st.session_state.get("input", CAMERA) if shown else None
    for name, key in KEYS.items():
        if name == chosen:
            webrtc.keep_connection(key)
        else:
            webrtc.end_connection(key)


def render(options: ViewOptions, source: Source, scope: bool) -> None:
    """The live picture as chosen, or a sentence if the server is full."""
    live: LivePicture = st.session_state.setdefault("picture", LivePicture())
    live.options = options
    viewer = webrtc.Viewer(KEYS[source.input], sends=source.input == CAMERA)
    if not _has_a_place(viewer, live, CORES_PER_VIEWER[source.resolution]):
        viewer.end()
        _server_full_notice(viewer)
        return
    if source.input == CAMERA and not viewer.wants_live:
        _suggest_the_card()
    stream = _streamer(live, source, ice_servers.ice_servers(viewer.wants_live).configuration)
    with st.container():
        _view_controls(options.view, live)
    # In a container of its own: when the next second's run follows a run of the page at once, Streamlit leaves this
    # run's status out, what stands below moves up into its place, and the next status overwrites that.
    with st.container():
        _status_fragment(live, stream, viewer, scope)
    st.html(connection_check.PLACE)
    with st.container():
        snapshots.render(live, stream.state.playing)


def leave() -> None:
    """Let go of the live picture, in another mode."""
    st.session_state.pop("picture", None)


# ---- A place ---------------------------------------------------------------------------------------------------


def _address() -> str | None:
    return logs.visitor_address(st.context.headers, st.context.ip_address)


def _has_a_place(viewer: webrtc.Viewer, live: LivePicture, cores: float) -> bool:
    """Whether this viewer may watch live: one who wants to now takes a place, any other leaves it."""
    if viewer.wants_live:
        place = Place(cores, lambda: viewer.present(live.silent_for()), viewer.end, _address())
        return all_places().take(viewer.id, place)
    all_places().free(viewer.id)
    return all_places().has_room_for(viewer.id, cores)


def _server_full_notice(viewer: webrtc.Viewer) -> None:
    if not st.session_state.get("refused"):
        all_places().refuse(viewer.id, _address())
    st.session_state.refused = True
    watching = all_places().taken
    people = "1 person is" if watching == 1 else f"{watching} people are"
    st.info(f"{people} watching live, as many as this server can serve well. Please try again in a moment.")
    if st.button("Try again"):
        st.html(streamer.ELSEWHERE, unsafe_allow_javascript=True)


# ---- The streamer ----------------------------------------------------------------------------------------------


def _streamer(live: LivePicture, source: Source, configuration: Any) -> Any:
    st.session_state.refused = False
    card = source.input == CARD
    words: Any = streamer.TRANSLATIONS | ({"start": streamer.START_CARD} if card else {})
    return webrtc_streamer(
        key=KEYS[source.input],
        mode=WebRtcMode.RECVONLY if card else WebRtcMode.SENDRECV,
        player_factory=(lambda: _card_player(source)) if card else None,
        frontend_rtc_configuration=configuration,
        server_rtc_configuration=configuration,
        video_frame_callback=metrics.timed(live.process),
        on_video_ended=live.forget,
        async_processing=False,
        media_stream_constraints=streamer.camera_constraints(source.resolution),
        sendback_audio=False,
        media_toggle_controls=False,
        video_html_attrs=streamer.VIDEO_ATTRIBUTES,
        translations=words,
    )


def _card_player(source: Source) -> Any:
    """What a connection plays, and stops when it ends: a card of its own."""
    return SimpleNamespace(video=TestCardTrack(*source.size), audio=None)


def _suggest_the_card() -> None:
    """Seen only in a browser that has no camera: see streamer.js."""
    with st.container(key="no_camera", border=True):
        st.markdown("No camera was found here. The test card shows every filter and view without one.")
        st.button("Take the test card", on_click=_take_the_card)


def _take_the_card() -> None:
    st.session_state.input = CARD


# ---- Under it --------------------------------------------------------------------------------------------------


def _view_controls(view: str, live: LivePicture) -> None:
    if view == "compare":
        _place_the_line(live)
    elif view == "all six":
        view_widgets.choose_one_of_six()


@st.fragment
def _place_the_line(live: LivePicture) -> None:
    """A fragment: the line moves without a run of the page."""
    view_widgets.choose_line()
    live.options = replace(live.options, line=view_widgets.line())


def _status_fragment(live: LivePicture, stream: Any, viewer: webrtc.Viewer, scope: bool) -> None:
    """The status and the scope, looked at again and again."""
    playing, signalling = stream.state.playing, stream.state.signalling
    hint = status.CAMERA_HINT if viewer.sends else status.CARD_HINT

    @st.fragment(run_every=(OFTEN if scope else SELDOM) if playing or signalling else ice_servers.POLL_INTERVAL_S)
    def look() -> None:
        if ice_servers.old(viewer.wants_live):
            st.rerun()
        status.render(live, playing, signalling, hint)
        known = connection_check.facts(viewer.sends, live.silent_for(), st.session_state.get("turn_trouble"))
        sample = live.sample() if scope and playing else None
        drawn = "" if sample is None else histograms(sample, live.options.color_filter).html()
        st.html(connection_check.element(known) + drawn)  # in one: each element costs more than what is in it
        if recording.pop_rerun_request():
            st.rerun()

    look()
