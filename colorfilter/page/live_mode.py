"""The page's live mode: it takes a place, shows the streamer on the stage, and below them the status and the rest."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit_webrtc import WebRtcMode, webrtc_streamer

from colorfilter import webrtc
from colorfilter.host import logs
from colorfilter.host.capacity import CORES_PER_VIEWER, Obstacle, Place, all_places
from colorfilter.host.streamlit_internals import current_browser
from colorfilter.live.picture import LivePicture
from colorfilter.live.source import CAMERA, CARD, Source
from colorfilter.live.testcard import TestCardTrack
from colorfilter.page import ice_servers, recording, snapshots, stage, status, streamer
from colorfilter.page.components import connection_check
from colorfilter.page.sample import sample_for_screen
from colorfilter.page.session import page_session
from colorfilter.views.histogram import histograms
from colorfilter.views.options import ViewOptions

# The key of the streamer for each input.
KEYS = {CAMERA: "live", CARD: "card"}
FRAME_RATE = 30  # frames a second, for which a place is made
MAX_OVERRUN_S = 5  # seconds; after a network stood still, many pictures come at once
MAX_OVERRUN = 4  # times the pixels of the place; a camera at 720p that knows no 480p sends three times as many
TOO_LARGE = "Your camera sends much larger pictures than {}. Choose a higher resolution, and start again."
SCOPE_INTERVAL_S, STATUS_INTERVAL_S = 0.5, 1.0  # between two updates, with the scope and without


def keep_connection(shown: bool) -> None:
    """Keep the connection that is shown and end all others. Call this first in the script: see `webrtc`."""
    chosen = st.session_state.get("input", CAMERA) if shown else None
    for name, key in KEYS.items():
        if name == chosen:
            webrtc.keep_connection(key)
        else:
            webrtc.end_connection(key)


def render(options: ViewOptions, source: Source, scope: bool, picture: DeltaGenerator, below: DeltaGenerator) -> None:
    """Show the live picture with these options in `picture`, and the rest `below`.

    If the server is full a sentence takes the streamer's place.
    """
    page = page_session()
    live = page.picture = page.picture or LivePicture()
    live.options = options
    viewer = webrtc.Viewer(KEYS[source.input], sends=source.input == CAMERA)
    if obstacle := _take_a_place(viewer, live, source):
        viewer.end()
    with below:
        if live.overrun_s == MAX_OVERRUN_S and not viewer.wants_live:
            st.warning(TOO_LARGE.format(source.resolution))
        configuration = ice_servers.ice_servers(viewer.wants_live).configuration
    with picture, stage.stage(source.size, options, button=not obstacle):
        _still(options, source, viewer.wants_live)
        stream: Any = None if obstacle else _streamer(live, source, configuration)
        stage.controls(options, partial(_move_line, live), live.color_at, bool(stream and stream.state.playing))
        if stream:
            stage.offer_instead(_take_the_card if viewer.sends else None)
    if obstacle:
        with picture:
            _server_full_notice(viewer, obstacle)
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


# ---- A place ---------------------------------------------------------------------------------------------------


def _address() -> str | None:
    return logs.visitor_address(st.context.headers, st.context.ip_address)


def _take_a_place(viewer: webrtc.Viewer, live: LivePicture, source: Source) -> Obstacle | None:
    """Why this viewer may not watch live. A viewer who is connecting takes a place; any other one gives it back."""

    def present() -> bool:
        if live.overrun_s < MAX_OVERRUN_S:
            live.overrun_s = live.overrun_s + 1 if _sends_too_much(live, source) else 0
        return viewer.present(live.silent_for()) and live.overrun_s < MAX_OVERRUN_S

    address = logs.client_address(st.context.headers, st.context.ip_address)
    place = Place(CORES_PER_VIEWER[source.resolution], present, viewer.end, _address(), address, current_browser())
    if viewer.wants_live:
        if not all_places().has(viewer.id):
            live.overrun_s = 0
        return all_places().take(viewer.id, place)
    all_places().free(viewer.id)
    return all_places().obstacle(viewer.id, place)


def _sends_too_much(live: LivePicture, source: Source) -> bool:
    """Whether the camera sends far more pixels a second than the place is for."""
    figures, (width, height) = live.stats(), source.size
    if figures is None or figures.frames_per_second is None:
        return False
    sent = figures.width * figures.height * figures.frames_per_second
    return sent > MAX_OVERRUN * width * height * FRAME_RATE


def _server_full_notice(viewer: webrtc.Viewer, obstacle: Obstacle) -> None:
    page = page_session()
    if not page.refused:
        all_places().refuse(viewer.id, _address())
    page.refused = True
    if obstacle == "browser":
        st.info("This browser watches live in as many tabs as may. Stop one of them, and try again.")
    elif obstacle == "address":
        st.info("As many people are watching live from your network's address as may. Please try again in a moment.")
    else:
        watching = all_places().taken
        people = "1 person is" if watching == 1 else f"{watching} people are"
        st.info(f"{people} watching live, as many as this server can serve well. Please try again in a moment.")
    if st.button("Try again"):
        st.html(streamer.ELSEWHERE, unsafe_allow_javascript=True)


# ---- The streamer ----------------------------------------------------------------------------------------------


def _streamer(live: LivePicture, source: Source, configuration: Any) -> Any:
    page_session().refused = False
    card = source.input == CARD
    words: Any = streamer.TRANSLATIONS | ({"start": streamer.START_CARD} if card else {})
    return webrtc_streamer(
        key=KEYS[source.input],
        mode=WebRtcMode.RECVONLY if card else WebRtcMode.SENDRECV,
        player_factory=(lambda: _card_player(source)) if card else None,
        frontend_rtc_configuration=configuration,
        server_rtc_configuration=configuration,
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
        status.render(live, playing, signalling, hint)
        known = connection_check.facts(viewer.sends, live.silent_for(), page.turn_trouble)
        sample = live.sample() if scope and playing else None
        drawn = "" if sample is None else histograms(sample, live.options.color_filter).html()
        st.html(connection_check.element(known) + drawn)  # one element, because each one costs more than its content
        if recording.pop_rerun_request():
            st.rerun()

    look()
