"""When a session's requests for a run of the page may be handed to Streamlit. Seen in Streamlit 1.67.

When a fragment's run begins, Streamlit drops messages of the run before that its event loop has not yet seen: a
snapshot is taken and not shown. Of those that it has seen and not yet sent it changes the last one to say that the run
was broken off, and the page then keeps what that run no longer drew: a snapshot is deleted and still shown. So a
fragment's request waits until no run goes on and all is sent.

A run of the page breaks off what runs, a press too of which nothing has happened yet. It waits for the end of that one.

A fragment that runs by the clock sends the page's values too, now and then those of a press that its own request is
about to report. The press then happens twice: two snapshots are taken. Or its callback gives another widget a value
that the page does not know yet, and the press's own request, with the old one, undoes it: *Vision* is pressed, and
*Color* stays. So a request by the clock keeps its values for itself: whatever is pressed has a request of its own.

The figures run twice a second: on a busy machine one press in 250 was lost, one in 20 was doubled. All this can go once
Streamlit does none of it.
"""

from __future__ import annotations

from collections import deque
from typing import Any

MAX_UNSENT_LOOKS = 500  # after which nobody is there to whom it could be sent
EVENTS = ("trigger_value", "string_trigger_value", "json_trigger_value", "chat_input_value")


class RunRequests:
    """The requests of one session that have not been handed on: Streamlit's ClientState each, or None."""

    def __init__(self) -> None:
        self.waiting: deque[Any] = deque()
        self._press_runs = False  # the request that was handed on last has a press
        self._unsent_looks = 0

    def add(self, request: Any) -> None:
        """Take a request, without the page's values if it comes by the clock."""
        if request and request.is_auto_rerun:
            request.ClearField("widget_states")
        self.waiting.append(request)

    def must_wait(self, runs: bool, unsent: bool) -> bool:
        """Whether the next request would break off a press's run, or is a fragment's and would spoil what was drawn.

        `runs`: a run goes on. `unsent`: the page has not yet been sent all that was drawn.
        """
        fragment = bool(self.waiting[0] and self.waiting[0].fragment_id)
        self._unsent_looks = 0 if runs else self._unsent_looks + 1
        if runs:
            return fragment or self._press_runs
        return fragment and unsent and self._unsent_looks < MAX_UNSENT_LOOKS

    def pop(self) -> Any:
        """The next request, to be handed on."""
        request = self.waiting.popleft()
        self._press_runs = any(_is_event(widget) for widget in _widgets(request))
        return request


def _widgets(request: Any) -> Any:
    return request.widget_states.widgets if request else ()


def _is_event(widget: Any) -> bool:
    """Whether it reports a press, or something else that happens once."""
    kind = widget.WhichOneof("value")
    return kind in EVENTS and bool(getattr(widget, kind))
