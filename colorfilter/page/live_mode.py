"""The page's live mode: the streamer on the stage, and below it the status and the rest."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit_webrtc import WebRtcMode, webrtc_streamer

from colorfilter import webrtc
from colorfilter.live.picture import LivePicture
from colorfilter.live.source import CAMERA, CARD, Source
from colorfilter.live.testcard import TestCardTrack
from colorfilter.page import admission, ice_servers, recording, snapshots, stage, status, streamer
from colorfilter.page.components import connection_check, own_tab
from colorfilter.page.sample import sample_for_screen
from colorfilter.page.session import page_session
from colorfilter.views.histogram import histograms
from colorfilter.views.options import ViewOptions
from colorfilter.webrtc.ice.servers import IceConfig

# The key of the streamer for each input.
KEYS = {CAMERA: "live", CARD: "card"}
SCOPE_INTERVAL_S, STATUS_INTERVAL_S = 0.5, 1.0  # between two updates, with the scope and without


def end_other_connections(shown: bool) -> None:
    """End all connections but the one that is shown. Call this first in the script."""
    chosen = st.session_state.get("input", CAMERA) if shown else None
    for name, key in KEYS.items():
        if name != chosen:
            webrtc.end_connection(key)


def render(options: ViewOptions, source: Source, scope: bool, picture: DeltaGenerator, below: DeltaGenerator) -> None:
    """Show the live picture with these options in `picture`, and the rest `below`.

    If the server is full a sentence takes the streamer's place.
    """
    page = page_session()
    live = page.picture = page.picture or LivePicture()
    live.options = options
    viewer = webrtc.Viewer(KEYS[source.input], sends=source.input == CAMERA)
    place = admission.make_place(viewer, live, source)
    if obstacle := admission.take_place(viewer, place, live):
        viewer.end()
    with below:
        admission.warn_if_ended(viewer, live, source)
        if viewer.sends:
            own_tab.offer_for_camera()
        ice = ice_servers.ice_servers(viewer.wants_live)
    with picture, stage.stage(source.size, options, button=not obstacle):
        _still(options, source, viewer.wants_live)
        stream: Any = None if obstacle else _streamer(live, source, ice, viewer.wants_live)
        admission.limit_pictures(viewer, source)
        stage.controls(options, partial(_move_line, live), live.color_at, bool(stream and stream.state.playing))
        if stream:
            stage.offer_instead(_take_the_card if viewer.sends else None)
    if obstacle:
        with picture:
            admission.wait_for_place(viewer, place)
        return
    with below:
        with st.container():
            snapshots.render(live, stream.state.playing)
        # In a container of its own: when the next second's run follows a run of the page at once, Streamlit leaves
        # this run's status out, what stands below moves up into its place, and the next status overwrites that.
        with st.container():
            _status_fragment(live, stream, viewer, scope)
        connection_check.mount()


def _still(options: ViewOptions, source: Source, live: bool) -> None:
    """The sample, which is seen before the start. While the video covers it, it stays as it was."""
    page = page_session()
    if not live or page.still_options is None:
        page.still_options = options
    stage.show_still(partial(sample_for_screen, source.size), page.still_options)


def _move_line(live: LivePicture, share: float) -> None:
    live.options = replace(live.options, line=share)


def leave() -> None:
    """Drop the live picture when another mode is chosen."""
    page_session().picture = None


# ---- The streamer ----------------------------------------------------------------------------------------------


def _streamer(live: LivePicture, source: Source, ice: IceConfig, has_place: bool) -> Any:
    page_session().refused = False
    card = source.input == CARD
    words: Any = streamer.TRANSLATIONS | ({"start": streamer.START_CARD} if card else {})
    return webrtc_streamer(
        key=KEYS[source.input],
        mode=WebRtcMode.RECVONLY if card else WebRtcMode.SENDRECV,
        player_factory=(lambda: _card_player(source)) if card else None,
        frontend_rtc_configuration=ice.configuration if has_place else ice.before_a_place,
        server_rtc_configuration=ice.configuration,
        video_frame_callback=live.process,
        on_video_ended=live.forget,
        async_processing=False,
        media_stream_constraints=streamer.camera_constraints(source.resolution),
        sendback_audio=False,
        media_toggle_controls=False,
        video_html_attrs=streamer.VIDEO_ATTRIBUTES,
        translations=words,
    )


def _card_player(source: Source) -> Any:
    """Make a player of a new test card. The connection stops it when it ends."""
    return SimpleNamespace(video=TestCardTrack(*source.size), audio=None)


def _take_the_card() -> None:
    st.session_state.input = CARD


# ---- Under it --------------------------------------------------------------------------------------------------


def _status_fragment(live: LivePicture, stream: Any, viewer: webrtc.Viewer, scope: bool) -> None:
    """Draw the status and the scope, and update them while the video runs."""
    page = page_session()
    playing, signalling = stream.state.playing, stream.state.signalling
    hint = status.CAMERA_HINT if viewer.sends else status.CARD_HINT

    interval = SCOPE_INTERVAL_S if scope else STATUS_INTERVAL_S

    @st.fragment(run_every=interval if playing or signalling else ice_servers.POLL_INTERVAL_S)
    def look() -> None:
        if page.ice is None or ice_servers.must_renew(page.ice, viewer.wants_live):
            st.rerun()
        status.render(live, playing, signalling, viewer.offer_refused, hint)
        known = connection_check.facts(viewer.sends, live.silent_for(), page.turn_trouble)
        sample = live.sample() if scope and playing else None
        drawn = "" if sample is None else histograms(sample, live.options.color_filter).html()
        st.html(connection_check.element(known) + drawn)  # one element, because each one costs more than its content
        if recording.pop_rerun_request():
            st.rerun()

    look()
