"""What loss says where the delay says nothing (draft-ietf-rmcat-gcc-02, section 6): a queue so short that it overflows.

Loss at random is no limit: up to `TOLERATED` it changes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from colorfilter.webrtc.congestion_control.packets import PacketResult

WINDOW_S = 1.5
MIN_PACKETS = 12
TOLERATED = 0.10  # the share that may be lost
INTERVAL_S = 0.3  # from one decrease to the next, and a round trip more
AFTER_LOSS_SHARE = 0.85  # of what arrives


class LossBasedControl:
    """The share of the last packets that was lost, and how much slower to go for it."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, bool]] = deque()
        self._decreased = float("-inf")

    def on_decrease(self, now: float) -> None:
        """The rate was lowered: what was lost of the packets sent before says nothing of the new rate."""
        self._decreased = now
        self._recent.clear()

    def add(self, results: Iterable[PacketResult], now: float) -> None:
        """Take what became of packets. Those of a probe, media too, do not count: it looks for the limit."""
        self._recent.extend(
            (now, result.arrived is None)
            for result in results
            if result.probe is None and result.sent >= self._decreased
        )
        while self._recent and self._recent[0][0] < now - WINDOW_S:
            self._recent.popleft()

    @property
    def lost_share(self) -> float:
        """Of the packets of the last second, 0 to 1; 0 while they are few."""
        if len(self._recent) < MIN_PACKETS:
            return 0.0
        return sum(lost for _, lost in self._recent) / len(self._recent)

    def factor(self, rtt: float, now: float) -> float:
        """By what to multiply the rate: 1, or less than 1 once in an interval."""
        lost = self.lost_share
        if lost <= TOLERATED or now - self._decreased < INTERVAL_S + rtt:
            return 1.0
        return 1 - 0.5 * lost


def rate_after_loss(lowered: float, acknowledged: float | None, is_used: bool) -> float:
    """The rate in place of `lowered`, the one before times the factor, in bits a second.

    What arrives (`acknowledged`, None if not known) is carried, however much of the rest was lost; and no more than
    that, if the rate was used.
    """
    if acknowledged is None:
        return lowered
    return max(min(lowered, acknowledged) if is_used else lowered, AFTER_LOSS_SHARE * acknowledged)
