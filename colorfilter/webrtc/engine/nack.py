"""Which packets of a browser are missing: asked for again until they come, or given up for a key frame.

A NACK (RFC 4585, section 6.2.1) is worth its while for as long as the browser still has the packet.
"""

from __future__ import annotations

RETRY_INTERVAL_S = 0.1  # Chromium leaves out what it has sent again within a round trip
REPEAT_S = 0.01  # after which each NACK goes out once more, since a network that loses packets loses NACKs too
GIVE_UP_S = 1.0  # Chromium keeps what it has sent for a second or so
# A gap after so long a silence, or of so many packets, is the network's absence: a key frame is there sooner.
ABSENCE_S = 0.5
MAX_GAP_PACKETS = 128
MAX_MISSING_PACKETS = 256  # of a stream with so many holes nothing is worth asking for
MAX_LATE_PACKETS = 1024  # what comes later than this is no late packet, but the stream begins anew


class NackRequester:
    """Unwrapped sequence numbers of one stream that are missing. Times are seconds on any steady clock."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._arrived = float("-inf")
        self._missing: dict[int, float] = {}  # in order: since when
        self._asked = float("-inf")
        self._repeated = True

    def add(self, number: int, now: float) -> bool:
        """Take an arrival. Return whether what is missing is given up: only a key frame helps."""
        silent, self._arrived = now - self._arrived, now
        newest = self._newest
        if newest is None or not -MAX_LATE_PACKETS < number - newest <= 0:
            gap = range(number if newest is None else newest + 1, number)
            jumped = newest is not None and (number < newest or len(gap) > MAX_GAP_PACKETS)
            self._newest = number
            if jumped or (gap and silent > ABSENCE_S):
                self._missing.clear()
                return True
            self._missing.update(dict.fromkeys(gap, now))
        else:
            self._missing.pop(number, None)
        stale = bool(self._missing) and now - next(iter(self._missing.values())) >= GIVE_UP_S
        if stale or len(self._missing) > MAX_MISSING_PACKETS:
            self._missing.clear()
            return True
        return False

    def forget_before(self, number: int) -> None:
        """Nobody waits any more for what comes before that number."""
        while self._missing and (oldest := next(iter(self._missing))) < number:
            del self._missing[oldest]

    def due(self, now: float) -> list[int]:
        """The numbers to ask for now, lowest first: all if there is a new one, or if it is time to ask again."""
        if not self._missing:
            return []
        is_new = next(reversed(self._missing.values())) > self._asked
        if not is_new and now - self._asked < (RETRY_INTERVAL_S if self._repeated else REPEAT_S):
            return []
        self._asked, self._repeated = now, not (is_new or self._repeated)
        return list(self._missing)
