"""What became of the packets that were sent: those that are still on their way, and what feedback tells of them."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from dataclasses import dataclass

from colorfilter.webrtc.congestion_control import PacketResult
from colorfilter.webrtc.engine.transport_feedback import CLOCK_WRAP_S, Arrivals

HISTORY_PACKETS = 4096


@dataclass
class _Sent:
    size: int
    sent: float
    probe: int | None


class SendHistory:
    """The last packets that were sent, by their transport-wide number."""

    def __init__(self) -> None:
        self._next = 0  # unwrapped
        self._packets: OrderedDict[int, _Sent] = OrderedDict()  # those that are not known to have arrived
        self._unanswered: list[int] = []  # those of which nothing was told yet, in order: only they can be news as lost
        self._epoch = 0.0  # how much the receiver's clock has wrapped, in seconds
        self._last_arrival: float | None = None

    def take_number(self) -> int:
        """The number of the next packet, 16 bits."""
        number, self._next = self._next, self._next + 1
        return number & 0xFFFF

    def on_sent(self, number: int, size: int, now: float, probe: int | None) -> None:
        """Note that the packet of that number left. Packets leave in the order of their numbers."""
        unwrapped = self._unwrap(number)
        self._packets[unwrapped] = _Sent(size, now, probe)
        self._unanswered.append(unwrapped)
        if len(self._packets) > HISTORY_PACKETS:
            forgotten, _ = self._packets.popitem(last=False)
            if self._unanswered[0] == forgotten:
                del self._unanswered[0]

    def results(self, arrivals: Arrivals) -> list[PacketResult]:
        """What became of the packets that the feedback tells of, in the order of sending.

        Each is lost once and arrives once; one that was told to be lost may still arrive.
        """
        first, found = self._unwrap(arrivals.base), []
        told: dict[int, float | None] = dict.fromkeys(self._take_unanswered(first, first + arrivals.count))
        told |= {first + offset: arrived for offset, arrived in arrivals.times.items()}
        for number in sorted(told):
            sent, arrived = self._packets.get(number), told[number]
            if sent is None:
                continue
            if arrived is not None:
                arrived = self._unwrap_time(arrived)
                del self._packets[number]
            found.append(PacketResult(sent.size, sent.sent, arrived, sent.probe))
        return found

    def _take_unanswered(self, first: int, end: int) -> list[int]:
        """The numbers in that range of which nothing was told yet; now something is."""
        begin = bisect_left(self._unanswered, first)
        inside = slice(begin, bisect_left(self._unanswered, end, begin))
        numbers = self._unanswered[inside]
        del self._unanswered[inside]
        return numbers

    def _unwrap(self, number: int) -> int:
        """The number of the packet that was sent last among those with these 16 bits."""
        return self._next - 1 - ((self._next - 1 - number) & 0xFFFF)

    def _unwrap_time(self, arrived: float) -> float:
        if self._last_arrival is not None:
            behind = self._last_arrival - (arrived + self._epoch)
            if abs(behind) > CLOCK_WRAP_S / 2:
                self._epoch += CLOCK_WRAP_S * round(behind / CLOCK_WRAP_S)
        self._last_arrival = arrived + self._epoch
        return self._last_arrival
