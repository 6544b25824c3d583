"""Closes the sessions of visitors who have left.

Streamlit keeps the session of a closed page until its TTL is over and another page is closed. On a quiet server the
last visitor's pictures would stay in memory for good.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable

from colorfilter.host import metrics
from colorfilter.host.housekeeping import housekeeping
from colorfilter.host.streamlit_internals import (
    close_session,
    current_session_id,
    is_session_active,
    session_ttl,
)

# Close 1 s before Streamlit's TTL: once Streamlit has dropped a session, `close_session` cannot find it, yet its memory
# stays.
MARGIN_S = 1.0
MIN_TTL_S = 1.0


class SessionReaper:
    """Closes each session that was touched, once its page has been closed for `ttl` seconds."""

    def __init__(
        self,
        ttl: float,
        is_active: Callable[[str], bool] = is_session_active,
        close: Callable[[str], None] = close_session,
    ) -> None:
        self._ttl = ttl
        self._is_active, self._close = is_active, close
        self._active_at: dict[str, float] = {}  # when each session was last known to be active

    def touch(self, session_id: str, now: float) -> None:
        """Note that the page is open; `now` is in seconds of any steady clock."""
        self._active_at[session_id] = now

    def reap(self, now: float) -> None:
        """Close the sessions whose pages have been closed for too long."""
        for session_id, active_at in list(self._active_at.items()):
            if self._is_active(session_id):
                self._active_at[session_id] = now
            elif now - active_at >= self._ttl:
                del self._active_at[session_id]
                self._close(session_id)


_creating = threading.Lock()


@functools.cache
def _reaper_of_server() -> SessionReaper:
    reaper = SessionReaper(max(MIN_TTL_S, session_ttl() - MARGIN_S))
    housekeeping.add("closing the sessions that were left", reaper.reap)
    return reaper


def watch_session() -> None:
    """Count this run, and have its session closed once the page has been left. Call this in each run of the script."""
    metrics.RUNS.inc()
    session_id = current_session_id()
    if session_id is not None:
        with _creating:
            _reaper_of_server().touch(session_id, time.monotonic())
