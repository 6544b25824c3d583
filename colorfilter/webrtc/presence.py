"""Whether a viewer is still there: by the page, the connection and the frames that come."""

from __future__ import annotations

import time

from colorfilter.host.settings import settings
from colorfilter.host.streamlit_internals import current_session_id, is_session_active
from colorfilter.webrtc.streamlit_webrtc_internals import (
    connection_state,
    is_offer_refused,
    picture_limit,
    reset,
    streamer,
    wants_live,
)

SILENCE_TIMEOUT_S = 20.0  # seconds without a frame after which a viewer is gone
CLOSED_TIMEOUT_S = 2.0  # the same, when the page's own connection is closed too


class Viewer:
    """One viewer of the page: the browser's session, and its streamer of key `key`.

    Without a camera (`sends` is False), presence means an open page. Make it in a run of the script; use it from any
    thread.
    """

    def __init__(self, key: str, sends: bool = True) -> None:
        self.id = current_session_id() or ""
        self._streamer = streamer(key)
        self.sends = sends
        self._since = self._on_page = time.monotonic()
        self._was_connecting = self._had_connection = False

    @property
    def wants_live(self) -> bool:
        """Whether the streamer is connecting or connected."""
        return wants_live(self._streamer)

    @property
    def offer_refused(self) -> bool:
        """Whether the browser has offered a connection that the server does not take."""
        return is_offer_refused(self._streamer)

    def present(self, silent_for: float) -> bool:
        """Whether the viewer is still there, `silent_for` seconds after the last frame."""
        state, now = connection_state(self._streamer), time.monotonic()
        waited, on_page = now - self._since, is_session_active(self.id)
        if on_page:
            self._on_page = now
        if not self.sends:
            silent_for = now - self._on_page
        if state is None:
            return not self._was_connecting and on_page and waited < settings().connect_seconds
        self._was_connecting = True
        if state == "closed":
            return False
        self._had_connection |= state == "connected"
        if not self._had_connection and waited >= settings().connect_seconds:
            return False
        return min(silent_for, waited) < (SILENCE_TIMEOUT_S if on_page else CLOSED_TIMEOUT_S)

    def limit_pictures(self, pixels: int) -> None:
        """Have no larger pictures decoded from now on."""
        if limit := picture_limit(self._streamer):
            limit.pixels = pixels

    def refused_pictures(self) -> int:
        """How many pictures were too large."""
        limit = picture_limit(self._streamer)
        return limit.refused if limit else 0

    def end(self) -> None:
        """Close the connection and forget it, as if the streamer had just come up."""
        reset(self._streamer)
