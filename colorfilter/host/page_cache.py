"""What a page surely still has of the messages that it was sent. Seen in Streamlit 1.67.

With each request for a run the page lists the messages that it keeps, and the run sends a reference in the place of
such a one. But at the end of each run the page forgets what the last few have not drawn
(`global.maxCachedMessageAge`), so it may forget a message when its list is already on its way. It then gets a
reference to what it has no longer, and its connection is over for good: three presses within a slow line's round trip
were enough. No page forgets what the last complete run drew, so only that is referred to. This can go once Streamlit
itself sees to it.
"""

from __future__ import annotations

from typing import Any


class PageCache:
    """The messages of one session's page, by their hash, each with the id of its fragment ("" outside of any)."""

    def __init__(self) -> None:
        self._sent_any = False
        self._kept: dict[str, str] = {}  # drawn by the last run that went to its end
        self._drawn: dict[str, str] = {}  # by the run that goes on

    def sent(self, message: Any) -> None:
        """Take note of a ForwardMsg that goes to the page, in the order in which all go."""
        self._sent_any = True
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._drawn = {}
        elif kind == "ref_hash":
            self._drawn[message.ref_hash] = self._kept.get(message.ref_hash, "")
        elif kind == "script_finished" and message.script_finished != message.FINISHED_EARLY_FOR_RERUN:
            self._end_run(set(message.metadata.run.fragment_ids))
        elif message.metadata.cacheable:
            self._drawn[message.hash] = message.delta.fragment_id

    def _end_run(self, fragments: set[str]) -> None:
        others = {key: fragment for key, fragment in self._kept.items() if fragments and fragment not in fragments}
        self._kept = others | self._drawn
        self._drawn = {}

    def strike_forgotten(self, request: Any) -> None:
        """Leave in a request's list (ClientState) only what the page will still have when the run's messages come.

        Until a session has sent anything, that is the whole list: of a page that comes from another process.
        """
        if not self._sent_any:
            return
        listed = [key for key in request.cached_message_hashes if key in self._kept]
        del request.cached_message_hashes[:]
        request.cached_message_hashes.extend(listed)
