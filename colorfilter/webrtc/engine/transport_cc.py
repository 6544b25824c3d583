"""Transport-wide feedback: tells the browser when each of its packets arrived, so that it finds the right rate.

The browser's own congestion control, the one that video calls run on, then probes and climbs within a second on a
good network and backs off on a bad one. The packet is that of draft-holmer-rmcat-transport-wide-cc-extensions-01,
section 3.1.
"""

from __future__ import annotations

from struct import pack

URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
PACKET_TYPE, FORMAT = 205, 15

# Between two packets of feedback: short while the browser looks for the rate, then longer, because each packet costs.
FAST_INTERVAL_S, SLOW_INTERVAL_S = 0.05, 0.1
FAST_START_PACKETS = 100  # packets of feedback
TICK_S = 0.00025  # seconds, the unit of the time between two arrivals
REFERENCE_TICKS = 256  # ticks, 64 ms: the unit of the first arrival
SYMBOLS_IN_CHUNK = 7  # of two bits each, in one chunk
LOST, SMALL, LARGE = 0, 1, 2
MAX_STATUSES = 1000  # packets that one feedback tells of


class ArrivalLog:
    """Arrivals by transport-wide sequence number, since the last feedback."""

    def __init__(self) -> None:
        self._arrivals: dict[int, int] = {}  # unwrapped sequence number -> ticks
        self._next: int | None = None  # the first sequence number not yet told of
        self._last_told = float("-inf")
        self._count = 0

    def add(self, sequence_number: int, now: float) -> None:
        """Note the arrival of a packet: its 16-bit sequence number, and seconds on any steady clock."""
        if self._next is None:
            self._next = sequence_number
        newest = max(self._arrivals, default=self._next)
        ahead = (sequence_number - newest + 0x8000) % 0x10000 - 0x8000  # numbers wrap around
        self._arrivals[newest + ahead] = round(now / TICK_S)

    def due(self, now: float) -> bool:
        """Whether it is time to tell."""
        return bool(self._arrivals) and now - self._last_told >= (
            FAST_INTERVAL_S if self._count < FAST_START_PACKETS else SLOW_INTERVAL_S
        )

    def take(self, now: float) -> bytes:
        """What follows the two SSRCs in the feedback packet, padded to 32 bits; starts the next one."""
        assert self._next is not None
        newest = max(self._arrivals)
        base = max(min(self._next, *self._arrivals), newest - MAX_STATUSES + 1)
        reference = self._arrivals[min(n for n in self._arrivals if n >= base)] // REFERENCE_TICKS
        symbols, deltas, previous = [], b"", reference * REFERENCE_TICKS
        for number in range(base, newest + 1):
            arrival = self._arrivals.get(number)
            if arrival is None:
                symbols.append(LOST)
                continue
            delta = max(-0x8000, min(arrival - previous, 0x7FFF))
            small = 0 <= delta <= 0xFF
            symbols.append(SMALL if small else LARGE)
            deltas += pack("!B", delta) if small else pack("!h", delta)
            previous = arrival
        head = pack("!HHI", base % 0x10000, len(symbols), (reference % (1 << 24)) << 8 | self._count % 256)
        body = head + _chunks(symbols) + deltas
        self._arrivals.clear()
        self._next, self._last_told, self._count = newest + 1, now, self._count + 1
        return body + bytes(-len(body) % 4)


def _chunks(symbols: list[int]) -> bytes:
    """Status vector chunks of two-bit symbols."""
    chunks = b""
    for start in range(0, len(symbols), SYMBOLS_IN_CHUNK):
        chunk = 0b11
        for symbol in (symbols[start : start + SYMBOLS_IN_CHUNK] + [LOST] * SYMBOLS_IN_CHUNK)[:SYMBOLS_IN_CHUNK]:
            chunk = chunk << 2 | symbol
        chunks += pack("!H", chunk)
    return chunks
