"""Transport-wide feedback that comes back: which of our packets arrived, and when.

The packet is that of draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1; transport_cc.py writes it for the
other direction.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from struct import unpack_from

from colorfilter.webrtc.congestion_control import PacketResult

HEADER_BYTES = 8  # after the two SSRCs: base, count, reference time, number of the feedback
TICK_S, REFERENCE_S = 0.00025, 0.064
REFERENCE_WRAP = 1 << 24
RECEIVED_SMALL, RECEIVED_LARGE = 1, 2
MAX_STATUSES = 8192  # in one packet; far more than a browser tells of at once
HISTORY_PACKETS = 4096


@dataclass(frozen=True)
class Arrivals:
    """The 16-bit numbers that a feedback packet tells of, in order, each with its arrival in seconds, None if lost.

    Seconds are on the receiver's clock, which wraps around every 12 days.
    """

    numbers: list[tuple[int, float | None]]


def parse_transport_feedback(data: bytes) -> Arrivals:
    """Parse what follows the two SSRCs. Raises ValueError for anything that is cut short or out of bounds."""
    if len(data) < HEADER_BYTES:
        raise ValueError("The feedback has no header.")
    base, count = unpack_from("!HH", data)
    if count > MAX_STATUSES:
        raise ValueError(f"The feedback tells of {count} packets.")
    now = int.from_bytes(data[4:7], "big") * REFERENCE_S
    symbols, position = _parse_symbols(data, count)
    numbers: list[tuple[int, float | None]] = []
    for offset, symbol in enumerate(symbols):
        number = (base + offset) & 0xFFFF
        if symbol not in (RECEIVED_SMALL, RECEIVED_LARGE):
            numbers.append((number, None))
            continue
        size, kind = (1, "!B") if symbol == RECEIVED_SMALL else (2, "!h")
        if position + size > len(data):
            raise ValueError("The feedback ends within its deltas.")
        now += unpack_from(kind, data, position)[0] * TICK_S
        position += size
        numbers.append((number, now))
    return Arrivals(numbers)


def _parse_symbols(data: bytes, count: int) -> tuple[list[int], int]:
    """The status of each packet, and where the deltas begin."""
    symbols: list[int] = []
    position = HEADER_BYTES
    while len(symbols) < count:
        if position + 2 > len(data):
            raise ValueError("The feedback ends within its statuses.")
        (chunk,) = unpack_from("!H", data, position)
        position += 2
        if not chunk >> 15:  # a run of one status
            symbols += [chunk >> 13 & 3] * min(chunk & 0x1FFF, count - len(symbols))
            if not chunk & 0x1FFF:
                raise ValueError("The feedback has a run of no packets.")
        elif chunk >> 14 & 1:  # seven statuses of two bits
            symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:  # fourteen of one bit
            symbols += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    return symbols[:count], position


@dataclass
class _Sent:
    size: int
    sent: float
    probe: int | None
    told_lost: bool = False


class SendHistory:
    """The last packets that were sent, by their transport-wide number."""

    def __init__(self) -> None:
        self._next = 0  # unwrapped
        self._packets: OrderedDict[int, _Sent] = OrderedDict()
        self._epoch = 0.0  # how much the receiver's clock has wrapped, in seconds
        self._last_arrival: float | None = None

    def take_number(self) -> int:
        """The number of the next packet, 16 bits."""
        number, self._next = self._next, self._next + 1
        return number & 0xFFFF

    def on_sent(self, number: int, size: int, now: float, probe: int | None) -> None:
        """Note that the packet of that number left."""
        self._packets[self._unwrap(number)] = _Sent(size, now, probe)
        while len(self._packets) > HISTORY_PACKETS:
            self._packets.popitem(last=False)

    def results(self, arrivals: Arrivals) -> list[PacketResult]:
        """What became of the packets that the feedback tells of, in the order of sending.

        Each is lost once and arrives once; one that was told to be lost may still arrive.
        """
        found = []
        for number, arrived in arrivals.numbers:
            sent = self._packets.get(self._unwrap(number))
            if sent is None:
                continue
            if arrived is not None:
                arrived = self._unwrap_time(arrived)
                del self._packets[self._unwrap(number)]
            elif sent.told_lost:
                continue
            sent.told_lost = arrived is None
            found.append(PacketResult(sent.size, sent.sent, arrived, sent.probe))
        return sorted(found, key=lambda result: result.sent)

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
