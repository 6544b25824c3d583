"""Each request for a run of the page, on its way through Streamlit's AppSession. Read in Streamlit 1.67.

`RunRequests` says when a request is handed on, so that a press happens once and what it does is shown. `PageCache`
says which messages the run may refer to. If an internal has moved, the log says so, and the app goes on without.
"""

from __future__ import annotations

import functools
from typing import Any
from weakref import WeakKeyDictionary

from colorfilter.host.moved import guarded
from colorfilter.host.page_cache import PageCache
from colorfilter.host.run_requests import RunRequests

RUN_POLL_S = 0.002  # seconds between two looks whether a run has ended and the page has been sent what it drew
IN_ORDER = "presses that count once and are always shown"
OURS = "by_color_filter"  # an attribute of what is replaced already
REFERENCES = "references that each page can follow"


class _SessionRuns:
    def __init__(self) -> None:
        self.requests = RunRequests()
        self.cache = PageCache()
        self.polls = False


_sessions: WeakKeyDictionary[Any, _SessionRuns] = WeakKeyDictionary()


def install() -> None:
    """Have all sessions' requests go this way. Calling it again does nothing."""
    _note_what_is_sent()
    _hand_on_in_order()


@guarded(REFERENCES, None)
def _note_what_is_sent() -> None:
    from streamlit.runtime.app_session import AppSession

    flush = AppSession.flush_browser_queue
    if hasattr(flush, OURS):
        return

    @functools.wraps(flush)
    def flush_and_note(session: Any) -> Any:
        messages = flush(session)
        _note(_sessions.setdefault(session, _SessionRuns()).cache, messages)
        return messages

    setattr(flush_and_note, OURS, True)
    setattr(AppSession, "flush_browser_queue", flush_and_note)


@guarded(IN_ORDER, None)
def _hand_on_in_order() -> None:
    from streamlit.runtime.app_session import AppSession

    request_rerun = AppSession.request_rerun
    if hasattr(request_rerun, OURS):
        return

    def hand_on(session: Any) -> None:
        runs = _sessions[session]
        runs.polls = False
        while runs.requests.waiting:
            if runs.requests.must_wait(_is_running(session), _has_unsent(session)):
                runs.polls = True
                session._event_loop.call_later(RUN_POLL_S, hand_on, session)
                return
            request = runs.requests.pop()
            _strike_forgotten(runs.cache, request)
            request_rerun(session, request)

    @functools.wraps(request_rerun)
    def request_rerun_in_order(session: Any, client_state: Any) -> None:
        runs = _sessions.setdefault(session, _SessionRuns())
        runs.requests.add(client_state)
        if not runs.polls:
            hand_on(session)

    setattr(request_rerun_in_order, OURS, True)
    setattr(AppSession, "request_rerun", request_rerun_in_order)


@guarded(REFERENCES, None)
def _note(cache: PageCache, messages: Any) -> None:
    for message in messages:
        cache.sent(message)


@guarded(REFERENCES, None)
def _strike_forgotten(cache: PageCache, request: Any) -> None:
    if request:
        cache.strike_forgotten(request)


@guarded(IN_ORDER, False)
def _is_running(session: Any) -> bool:
    """Whether a run of the session goes on, or its last event is still on its way to the event loop."""
    return session._scriptrunner is not None


@guarded(IN_ORDER, False)
def _has_unsent(session: Any) -> bool:
    """Whether the session's page has not yet been sent all that was drawn."""
    return not session._browser_queue.is_empty()
