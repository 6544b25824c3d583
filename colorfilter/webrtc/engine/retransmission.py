"""Which lost packets are sent again, and when a key frame is the better answer.

aiortc sends each packet that a NACK names (RFC 4585, section 6.2.1) at once and as often as it is named. After a fall
of the line that is up to a second of video, which keeps the line full while nobody sees a new picture.
"""

from __future__ import annotations

from collections.abc import Iterable

PACKET_BYTES = 1_200
MAX_BACKLOG_S = 0.25  # of the network's rate; a key frame takes less than that
HALF_RANGE = 1 << 15


def is_older(number: int, other: int) -> bool:
    """Whether one sequence number of 16 bits comes before another (RFC 1982)."""
    return 0 < (other - number) % (1 << 16) < HALF_RANGE


class RetransmissionQueue:
    """Sequence numbers of RTP packets to send again, each at most once a round trip."""

    def __init__(self) -> None:
        self._waiting: dict[int, None] = {}  # in order
        self._sent_at: dict[int, float] = {}
        self._key_frame: int | None = None

    def on_key_frame(self, number: int) -> None:
        """A key frame begins with that packet: the browser needs nothing before it."""
        self._key_frame = number
        self._waiting = {each: None for each in self._waiting if not is_older(each, number)}

    def on_nack(self, numbers: Iterable[int], rtt: float, now: float) -> None:
        """Take what the browser misses; `rtt` and `now` are in seconds."""
        self._sent_at = {number: at for number, at in self._sent_at.items() if now - at < rtt}
        for number in numbers:
            if number in self._sent_at or (self._key_frame is not None and is_older(number, self._key_frame)):
                continue
            self._waiting[number] = None

    def is_too_long(self, bitrate: float) -> bool:
        """Whether a key frame would be there before all that waits, at so many bits a second."""
        return 8 * PACKET_BYTES * len(self._waiting) > MAX_BACKLOG_S * bitrate

    def clear(self) -> None:
        self._waiting.clear()

    def pop(self, now: float) -> int | None:
        """The next to send; None if nothing waits."""
        number = next(iter(self._waiting), None)
        if number is not None:
            del self._waiting[number]
            self._sent_at[number] = now
        return number
