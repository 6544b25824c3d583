"""A viewer's place on this server: taken and given back, or why there is none."""

from __future__ import annotations

import random
import time

import streamlit as st

from colorfilter import webrtc
from colorfilter.host import logs
from colorfilter.host.capacity import CORES_PER_VIEWER, Obstacle, Place, all_places
from colorfilter.host.streamlit_internals import current_browser, is_session_active
from colorfilter.live.picture import LivePicture
from colorfilter.live.source import Source
from colorfilter.page import streamer
from colorfilter.page.session import page_session

FRAME_RATE = 30  # frames a second, for which a place is made
MAX_OVERRUN_S = 5  # seconds; after a network stood still, many pictures come at once
MAX_OVERRUN = 4  # times the pixels of the place; a camera at 720p that knows no 480p sends three times as many
LOOK_INTERVAL_S = 3.0, 6.0  # from one look for a place to the next; those who wait do not all look at once
SILENCE_S = 0.3  # without a frame, after which a page that has lost its session is taken to be closed
TOO_LARGE = "Your camera sends much larger pictures than {}. Choose a higher resolution, and start again."
FULL: dict[Obstacle, str] = {
    "browser": "This browser watches live in as many tabs as one may. Stop one, and this page goes on by itself.",
    "address": "As many people are watching live as may from the address of your network.",
    "server": "{} watching live, as many as this server can serve well.",
}
WAIT = " This page goes on by itself as soon as there is a place."


def make_place(viewer: webrtc.Viewer, live: LivePicture, source: Source) -> Place:
    """The place that this viewer needs. Who closes the page leaves it, and whose camera sends far too much loses it."""
    known = 0

    def present() -> bool:
        nonlocal known
        before, refused = known, viewer.refused_pictures()
        known = refused
        if live.overrun_s < MAX_OVERRUN_S:
            too_much = refused > before or _sends_too_much(live, source)
            live.overrun_s = live.overrun_s + 1 if too_much else 0
        return viewer.present(live.silent_for()) and live.overrun_s < MAX_OVERRUN_S

    return Place(
        CORES_PER_VIEWER[source.resolution],
        present,
        viewer.end,
        address=logs.visitor_address(st.context.headers, st.context.ip_address),
        source=logs.client_address(st.context.headers, st.context.ip_address),
        browser=current_browser(),
        shown=lambda: is_session_active(viewer.id) or (viewer.sends and _sends_on(live)),
    )


def take_place(viewer: webrtc.Viewer, place: Place, live: LivePicture) -> Obstacle | None:
    """Why this viewer may not watch live. A viewer who is connecting takes a place; any other one gives it back."""
    places = all_places()
    if viewer.wants_live:
        if not places.has(viewer.id):
            live.overrun_s = 0
            _obstacle(viewer, place)
        return places.take(viewer.id, place)
    places.free(viewer.id)
    return _obstacle(viewer, place)


def _obstacle(viewer: webrtc.Viewer, place: Place) -> Obstacle | None:
    """Why there is no place. A page that was loaded again may find its own taken, which is freed."""
    places = all_places()
    if places.obstacle(viewer.id, place):
        places.free_left(place.browser)
    return places.obstacle(viewer.id, place)


def _sends_on(live: LivePicture) -> bool:
    """Whether frames still come. Those that a closed page sent last are given the time to arrive."""
    if live.silent_for() < SILENCE_S:
        time.sleep(2 * SILENCE_S)
    return live.silent_for() < SILENCE_S


def _sends_too_much(live: LivePicture, source: Source) -> bool:
    """Whether the camera sends far more pixels a second than the place is for."""
    figures, (width, height) = live.stats(), source.size
    if figures is None or figures.frames_per_second is None:
        return False
    sent = figures.width * figures.height * figures.frames_per_second
    return sent > MAX_OVERRUN * width * height * FRAME_RATE


def limit_pictures(viewer: webrtc.Viewer, source: Source) -> None:
    """Have no picture decoded that is far larger than those the place is for. Call this once the streamer is drawn."""
    width, height = source.size
    viewer.limit_pictures(MAX_OVERRUN * width * height)


def warn_if_ended(viewer: webrtc.Viewer, live: LivePicture, source: Source) -> None:
    """Say why the video has ended, if it was for too large pictures."""
    if live.overrun_s == MAX_OVERRUN_S and not viewer.wants_live:
        st.warning(TOO_LARGE.format(source.resolution))


def wait_for_place(viewer: webrtc.Viewer, place: Place) -> None:
    """Say why there is none, and run the page again as soon as there is one."""
    page = page_session()
    if not page.refused:
        all_places().refuse(viewer.id, place.address)
    page.refused = True

    @st.fragment(run_every=random.uniform(*LOOK_INTERVAL_S))
    def look() -> None:
        obstacle = _obstacle(viewer, place)
        if obstacle is None:
            st.rerun()
        st.info(_sentence(obstacle, all_places().taken))
        if st.button("Try again"):
            st.html(streamer.ELSEWHERE, unsafe_allow_javascript=True)

    look()


def _sentence(obstacle: Obstacle, watching: int) -> str:
    people = "1 person is" if watching == 1 else f"{watching} people are"
    return FULL[obstacle].format(people) + ("" if obstacle == "browser" else WAIT)
