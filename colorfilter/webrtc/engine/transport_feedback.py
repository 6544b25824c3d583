"""Transport-wide feedback that comes back: which of our packets arrived, and when.

The packet is that of draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1; transport_cc.py writes it for the
other direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import unpack_from

HEADER_BYTES = 8  # after the two SSRCs: base, count, reference time, number of the feedback
TICK_S, REFERENCE_S = 0.00025, 0.064
CLOCK_WRAP_S = (1 << 24) * REFERENCE_S  # after which the receiver's clock begins again
DELTA_BYTES = (0, 1, 2, 0)  # by status: lost, a small delta, a large one, reserved
TWO_BIT_SHIFTS, ONE_BIT_SHIFTS = range(12, -1, -2), range(13, -1, -1)  # of a chunk's statuses
MAX_STATUSES = 8192  # in one packet; far more than a browser tells of at once


@dataclass(frozen=True)
class Arrivals:
    """What a feedback packet tells of `count` packets, the first of which has the 16-bit number `base`.

    `times` has those that arrived: how many packets after the first, and seconds on the receiver's clock, which wraps
    around every 12 days. A few bytes name thousands of lost packets, so that these are not listed.
    """

    base: int
    count: int
    times: dict[int, float]


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
