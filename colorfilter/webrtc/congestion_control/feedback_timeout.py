"""Whether the way is blocked: packets are sent, and no feedback comes."""

from __future__ import annotations

TIMEOUT_S = 0.5  # of sending without an answer, and a round trip more
TIMEOUT_FACTOR = 0.5  # by which the rate is lowered then


class FeedbackTimeout:
    """How long what was sent has been without an answer. Times are seconds on any steady clock."""

    def __init__(self) -> None:
        self._unanswered_since: float | None = None

    def on_sent(self, now: float) -> None:
        """A packet leaves."""
        if self._unanswered_since is None:
            self._unanswered_since = now

    def on_feedback(self) -> None:
        """An answer came."""
        self._unanswered_since = None

    def is_over(self, rtt: float, now: float) -> bool:
        """Whether no answer came for too long; then it begins again."""
        if self._unanswered_since is None or now - self._unanswered_since <= TIMEOUT_S + rtt:
            return False
        self._unanswered_since = now
        return True
