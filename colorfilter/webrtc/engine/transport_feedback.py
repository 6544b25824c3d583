"""Transport-wide feedback that comes back: which of our packets arrived, and when.

The packet is that of draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1; transport_cc.py writes it for the
other direction.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from dataclasses import dataclass
from struct import unpack_from

from colorfilter.webrtc.congestion_control import PacketResult

HEADER_BYTES = 8  # after the two SSRCs: base, count, reference time, number of the feedback
TICK_S, REFERENCE_S = 0.00025, 0.064
REFERENCE_WRAP = 1 << 24
DELTA_BYTES = (0, 1, 2, 0)  # by status: lost, a small delta, a large one, reserved
TWO_BIT_SHIFTS, ONE_BIT_SHIFTS = range(12, -1, -2), range(13, -1, -1)  # of a chunk's statuses
MAX_STATUSES = 8192  # in one packet; far more than a browser tells of at once
HISTORY_PACKETS = 4096


@dataclass(frozen=True)
class Arrivals:
    """What a feedback packet tells of `count` packets, the first of which has the 16-bit number `base`.

    `times` has those that arrived: how many packets after the first, and seconds on the receiver's clock, which wraps
    around every 12 days. A few bytes name thousands of lost packets, so that these are not listed.
    """

    base: int
    count: int
    times: dict[int, float]

    @property
    def numbers(self) -> list[tuple[int, float | None]]:
        """The 16-bit number of each packet, in order, with its arrival, None if lost."""
        return [((self.base + offset) & 0xFFFF, self.times.get(offset)) for offset in range(self.count)]


def parse_transport_feedback(data: bytes) -> Arrivals:
    """Parse what follows the two SSRCs. Raises ValueError for anything that is cut short or out of bounds."""
    if len(data) < HEADER_BYTES:
        raise ValueError("The feedback has no header.")
    base, count = unpack_from("!HH", data)
    if count > MAX_STATUSES:
        raise ValueError(f"The feedback tells of {count} packets.")
    now = int.from_bytes(data[4:7], "big") * REFERENCE_S
    runs, position = _parse_statuses(data, count)
    times: dict[int, float] = {}
    for first, length, size in runs:
        end = position + length * size
        if end > len(data):
            raise ValueError("The feedback ends within its deltas.")
        deltas = data[position:end] if size == 1 else unpack_from(f"!{length}h", data, position)
        position = end
        for offset, delta in enumerate(deltas, first):
            now += delta * TICK_S
            times[offset] = now
    return Arrivals(base, count, times)


def _parse_statuses(data: bytes, count: int) -> tuple[list[tuple[int, int, int]], int]:
    """The runs of packets that arrived (first, how many, bytes of each one's delta), and where the deltas begin."""
    runs: list[tuple[int, int, int]] = []
    first, position = 0, HEADER_BYTES
    while first < count:
        if position + 2 > len(data):
            raise ValueError("The feedback ends within its statuses.")
        (chunk,) = unpack_from("!H", data, position)
        position += 2
        if not chunk >> 15:  # a run of one status
            length = min(chunk & 0x1FFF, count - first)
            if not length:
                raise ValueError("The feedback has a run of no packets.")
            if size := DELTA_BYTES[chunk >> 13 & 3]:
                runs.append((first, length, size))
            first += length
            continue
        shifts, mask = (TWO_BIT_SHIFTS, 3) if chunk >> 14 & 1 else (ONE_BIT_SHIFTS, 1)
        for offset, shift in enumerate(shifts[: count - first], first):
            if size := DELTA_BYTES[chunk >> shift & mask]:
                runs.append((offset, 1, size))
        first += len(shifts)
    return runs, position


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
        self._unanswered: list[int] = []  # those of them of which nothing was told yet, in order
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
        wrap = REFERENCE_WRAP * REFERENCE_S
        if self._last_arrival is not None:
            behind = self._last_arrival - (arrived + self._epoch)
            if abs(behind) > wrap / 2:
                self._epoch += wrap * round(behind / wrap)
        self._last_arrival = arrived + self._epoch
        return self._last_arrival
