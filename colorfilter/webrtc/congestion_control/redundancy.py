"""Whether to send each packet twice: where losses are frequent without a queue, and the network carries it.

What is lost then seldom has to be asked for, for which the picture would wait a round trip.
"""

from __future__ import annotations

REDUNDANT_HEADROOM = 2.8  # how far above what the media can use the network is measured, where it is wanted
# Of what the media can use: what carries the first carries each packet twice, until it carries less than the second.
BEGIN_SHARE, END_SHARE = 2.2, 2.0
PAUSE_S = 5.0  # after the network has become slower under it
# From one probe to the next, until it is known that the network carries each packet twice: twice as long each time.
FIRST_SEARCH_S, LAST_SEARCH_S = 0.5, 5.0


class RedundancyControl:
    """Begins and ends sending twice.

    Rates are bits a second: `estimate` is what the network carries, `full` what the media can use. Times are seconds
    on any steady clock.
    """

    def __init__(self) -> None:
        self.is_wanted = False  # by the losses
        self.search_interval_s = FIRST_SEARCH_S  # from the last probe to one that asks whether the network carries it
        self._is_on = False
        self._paused_until = float("-inf")

    def update(self, wanted: bool, estimate: float, full: float, now: float) -> None:
        """Take, with each feedback, whether the losses ask for it, and the rates."""
        enough = estimate >= BEGIN_SHARE * full and now >= self._paused_until
        self._is_on = wanted and (enough or self.is_carried(estimate, full))
        self.is_wanted = wanted
        if not wanted or self._is_on:
            self.search_interval_s = FIRST_SEARCH_S

    def on_probe(self) -> None:
        """A probe was sent."""
        if self.is_wanted and not self._is_on:
            self.search_interval_s = min(2 * self.search_interval_s, LAST_SEARCH_S)

    def is_carried(self, estimate: float, full: float) -> bool:
        """Whether each packet is to be sent twice, and the network carries that."""
        return self._is_on and estimate >= END_SHARE * full

    def on_decrease(self, now: float) -> None:
        """The rate was lowered: where each packet was sent twice, that may be why, and it pauses."""
        if self._is_on:
            self._is_on, self._paused_until = False, now + PAUSE_S
            self.search_interval_s = LAST_SEARCH_S
