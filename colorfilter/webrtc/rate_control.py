"""At which rate to send to a browser: carefully at first, then as fast as its network lets us."""

from __future__ import annotations

from collections import deque

# Bits a second. At the start the network may be a bad one: at 1 Mbit/s much more than this never gets through.
START_BITRATE = 800_000
MIN_BITRATE = 100_000
# A browser that gets no more than this hardly raises its estimate again, which then counts only as it falls.
TRICKLE_BITRATE = 300_000

SENT_WINDOW_S = 1.0  # the time over which the rate sent is taken
# How much faster to try, before and after the network has once been too slow.
FIRST_PROBE_FACTOR, PROBE_FACTOR = 2.5, 1.5
FIRST_PROBE_DELAY_S, PROBE_INTERVAL_S = 1.0, 2.0
QUEUE_DELAY_S = 0.2  # by how much a round trip is longer than the shortest when packets queue
BACKOFF_FACTOR = 0.8  # of the rate sent, when packets queue
PROBE_HOLD_S, MAX_PROBE_HOLD_S = 6.0, 60.0  # the time without a queue after which to probe again


class RateController:
    """The rate for one browser, from what it tells: estimates (REMB, draft-alvestrand-rmcat-remb-03) and round trips.

    A browser says nothing for five seconds unless a queue builds up on the way to it, and its estimate then grows by
    8 % a second. So an estimate below what is being sent is a sign of a queue and is obeyed at once, as is, at the
    start, a round trip much longer than the shortest; while there is neither, faster rates are tried. A try that
    makes a queue doubles the time until the next.
    """

    def __init__(self) -> None:
        self._wanted = START_BITRATE
        self._step = FIRST_PROBE_FACTOR
        self._patience = PROBE_HOLD_S
        self._last_try = float("-inf")
        self._next_try: float | None = None
        self._estimate: int | None = None
        self._shortest = float("inf")
        self._sent: deque[tuple[float, int]] = deque()

    @property
    def slowed_down(self) -> bool:
        """Whether the network has once been too slow."""
        return self._step == PROBE_FACTOR

    def on_sent(self, bits: int, now: float) -> None:
        """Note what was sent; `now` is in seconds on any steady clock."""
        self._sent.append((now, bits))
        self._forget(now)

    def on_remb(self, estimate: int, now: float) -> None:
        """Take the browser's estimate, bits a second."""
        falling = self._estimate is None or estimate < 0.97 * self._estimate
        self._estimate = estimate
        sending = self._sending(now)
        if estimate < 0.95 * sending and (falling or sending > TRICKLE_BITRATE):
            self._slow_down(estimate, now)
        elif self.slowed_down:
            self._wanted = max(self._wanted, estimate)

    def on_rtt(self, seconds: float, now: float) -> None:
        """Take the time from a report to its answer, one a second or so.

        Only until the first slowing down: a queue on the way from the browser makes it long as well.
        """
        self._shortest = min(self._shortest, seconds)
        if not self.slowed_down and seconds > self._shortest + QUEUE_DELAY_S:
            self._slow_down(min(self._wanted, round(BACKOFF_FACTOR * self._sending(now))), now)

    def target_bitrate(self, full: int, now: float) -> int:
        """The rate to send at, bits a second, at most `full`."""
        if self._next_try is None:
            self._next_try = now + FIRST_PROBE_DELAY_S
        if now >= self._next_try and self._wanted < full:
            self._wanted = round(self._wanted * self._step)
            self._last_try, self._next_try = now, now + PROBE_INTERVAL_S
        return min(self._wanted, full)

    def _slow_down(self, rate: int, now: float) -> None:
        if now - self._last_try < PROBE_INTERVAL_S:
            self._patience = min(2 * self._patience, MAX_PROBE_HOLD_S)
        self._wanted, self._step, self._next_try = max(rate, MIN_BITRATE), PROBE_FACTOR, now + self._patience

    def _sending(self, now: float) -> float:
        self._forget(now)
        return sum(bits for _, bits in self._sent) / SENT_WINDOW_S

    def _forget(self, now: float) -> None:
        while self._sent and self._sent[0][0] < now - SENT_WINDOW_S:
            self._sent.popleft()
