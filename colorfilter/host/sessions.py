"""The visitors' sessions with Streamlit: whether a page is still there, and the end of those that were left.

Streamlit keeps the session of a closed page for a while, in case the page comes back, and then until the next page is
closed: on a quiet server the last visitor's pictures would stay for good. Read in Streamlit 1.67.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from streamlit import config
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

logger = logging.getLogger(__name__)

POLL_INTERVAL_S = 1.0  # seconds


def is_open(session_id: str) -> bool:
    """Whether the page still has its WebSocket to Streamlit; taken to be so where that cannot be seen."""
    try:
        return bool(Runtime.instance()._session_mgr.is_active_session(session_id))
    except (AttributeError, RuntimeError):
        return True


def close(session_id: str) -> None:
    """Have Streamlit forget the session, with all that it holds: snapshots, a clip, uploads."""
    runtime = Runtime.instance()
    runtime._get_async_objs().eventloop.call_soon_threadsafe(runtime.close_session, session_id)


class SessionReaper:
    """Closes each session that was seen here once its page has been closed for `patience` seconds."""

    def __init__(
        self, patience: float, is_open: Callable[[str], bool] = is_open, close: Callable[[str], None] = close
    ) -> None:
        self._patience = patience
        self._is_open, self._close = is_open, close
        self._open_at: dict[str, float] = {}  # when each was last seen to be open

    def touch(self, session_id: str, now: float) -> None:
        """The page is there; `now` is in seconds on any steady clock."""
        self._open_at[session_id] = now

    def reap(self, now: float) -> None:
        """Close those that have been left for too long."""
        for session_id, open_at in list(self._open_at.items()):
            if self._is_open(session_id):
                self._open_at[session_id] = now
            elif now - open_at >= self._patience:
                del self._open_at[session_id]
                self._close(session_id)


_making = threading.Lock()
_sessions: SessionReaper | None = None


def watch() -> None:
    """See this run's session from now on, and close it when its page has been left. Call this in each run."""
    global _sessions
    context = get_script_run_ctx()
    if context is None:
        return
    with _making:
        if _sessions is None:
            # A second less than Streamlit: what it lets go of by itself can be closed no more, and yet stays.
            _sessions = SessionReaper(max(1.0, config.get_option("server.disconnectedSessionTTL") - 1.0))
            threading.Thread(target=_look_on, args=(_sessions,), name="sessions", daemon=True).start()
    _sessions.touch(context.session_id, time.monotonic())


def _look_on(sessions: SessionReaper) -> None:
    while True:
        time.sleep(POLL_INTERVAL_S)
        try:
            sessions.reap(time.monotonic())
        except Exception:
            logger.warning("A session that was left could not be closed.", exc_info=True)
