"""Differences between groups of packets that left together (draft-ietf-rmcat-gcc-02, section 5.2)."""

from __future__ import annotations

from dataclasses import dataclass

BURST_S = 0.005  # packets sent within so much of the first one are one group
MAX_GAP_S = 3.0  # after a silence of that length the groups before it say nothing


@dataclass
class Group:
    """Packets that left in one burst: when the first and the last left, and when the last arrived."""

    first_sent: float
    sent: float
    arrived: float


@dataclass(frozen=True)
class Delta:
    """How much later the second of two groups left and arrived, in seconds."""

    sent: float
    arrived: float


class InterArrival:
    """Makes groups of packets, and a delta of each two neighbors."""

    def __init__(self) -> None:
        self._current: Group | None = None
        self._before: Group | None = None

    def add(self, sent: float, arrived: float) -> Delta | None:
        """Take a packet, in the order of sending. Returns the delta of the two groups that are complete, if any."""
        current = self._current
        if current is None or arrived - current.arrived > MAX_GAP_S or sent < current.first_sent:
            self._current, self._before = Group(sent, sent, arrived), None
            return None
        if sent - current.first_sent <= BURST_S:
            current.sent, current.arrived = max(sent, current.sent), max(arrived, current.arrived)
            return None
        before, self._before, self._current = self._before, current, Group(sent, sent, arrived)
        if before is None:
            return None
        return Delta(current.sent - before.sent, current.arrived - before.arrived)
