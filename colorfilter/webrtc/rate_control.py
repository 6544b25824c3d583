"""At which rate to send to a browser: carefully at first, then as fast as its network lets us."""

from __future__ import annotations

from collections import deque

# Bits a second. At the start the network may be a bad one: at 1 Mbit/s much more than this never gets through.
START_RATE = 800_000
LOWEST_RATE = 100_000
TRICKLE = 300_000  # a browser that gets no more hardly raises its estimate again, which then counts only as it falls

WINDOW = 1.0  # seconds over which the rate sent is taken
FIRST_STEP, LATER_STEP = 2.5, 1.5  # how much faster to try, before and after the network has once been too slow
FIRST_WAIT, NEXT_WAIT = 1.0, 2.0  # seconds before the first try, and from one to the next
QUEUE = 0.2  # seconds by which a round trip is longer than the shortest when packets queue
EASE = 0.8  # how much slower to go then
PATIENCE, MOST_PATIENCE = 6.0, 60.0  # seconds without a queue after which to try again


class Pace:
    """The rate for one browser, from what it tells: estimates (REMB, draft-alvestrand-rmcat-remb-03) and round trips.

    A browser says nothing for five seconds unless a queue builds up on the way to it, and its estimate then grows by
    8 % a second. So an estimate below what is being sent is a sign of a queue and is obeyed at once, as is, at the
    start, a round trip much longer than the shortest; while there is neither, faster rates are tried. A try that
    makes a queue doubles the time until the next.
    """

    def __init__(self) -> None:
        self._wanted = START_RATE
        self._step = FIRST_STEP
        self._patience = PATIENCE
        self._last_try = float("-inf")
        self._next_try: float | None = None
        self._estimate: int | None = None
        self._shortest = float("inf")
        self._sent: deque[tuple[float, int]] = deque()

    @property
    def slowed_down(self) -> bool:
        """Whether the network has once been too slow."""
        return self._step == LATER_STEP

    def send(self, bits: int, now: float) -> None:
        """Note what was sent; `now` is in seconds on any steady clock."""
        self._sent.append((now, bits))
        self._forget(now)

    def hear(self, estimate: int, now: float) -> None:
        """Take the browser's estimate, bits a second."""
        falling = self._estimate is None or estimate < 0.97 * self._estimate
        self._estimate = estimate
        sending = self._sending(now)
        if estimate < 0.95 * sending and (falling or sending > TRICKLE):
            self._slow_down(estimate, now)
        elif self.slowed_down:
            self._wanted = max(self._wanted, estimate)

    def hear_round_trip(self, seconds: float, now: float) -> None:
        """Take the time from a report to its answer, one a second or so.

        Only until the first slowing down: a queue on the way from the browser makes it long as well.
        """
        self._shortest = min(self._shortest, seconds)
        if not self.slowed_down and seconds > self._shortest + QUEUE:
            self._slow_down(min(self._wanted, round(EASE * self._sending(now))), now)

    def rate(self, full: int, now: float) -> int:
        """The rate to send at, bits a second, at most `full`."""
        if self._next_try is None:
            self._next_try = now + FIRST_WAIT
        if now >= self._next_try and self._wanted < full:
            self._wanted = round(self._wanted * self._step)
            self._last_try, self._next_try = now, now + NEXT_WAIT
        return min(self._wanted, full)

    def _slow_down(self, rate: int, now: float) -> None:
        if now - self._last_try < NEXT_WAIT:
            self._patience = min(2 * self._patience, MOST_PATIENCE)
        self._wanted, self._step, self._next_try = max(rate, LOWEST_RATE), LATER_STEP, now + self._patience

    def _sending(self, now: float) -> float:
        self._forget(now)
        return sum(bits for _, bits in self._sent) / WINDOW

    def _forget(self, now: float) -> None:
        while self._sent and self._sent[0][0] < now - WINDOW:
            self._sent.popleft()
