"""How long packets wait on the way: their one-way delay above the least of the last seconds."""

from __future__ import annotations

from collections import deque

BASE_WINDOW_S = 20.0
SMOOTHING = 0.3
# One of the clocks was set, or its machine slept, if the delay grows so far at once; or if it grows so far and then
# stays even, for a queue would shrink while less is sent.
MAX_QUEUE_S = 3.0
MIN_STEP_S, EVEN_S, EVEN_DELAY_S = 0.25, 0.015, 0.7


class QueueDelay:
    """The queue's delay in seconds. The clocks of both ends need not agree, only run evenly."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._least: deque[tuple[float, float]] = deque()  # (sent, delay), the delays growing
        self._even = (float("-inf"), 0.0)  # since when, and at which delay within EVEN_S

    def add(self, sent: float, arrived: float) -> float:
        """Take a packet, in the order of sending. Returns its own wait in seconds."""
        delay = arrived - sent
        while self._least and self._least[-1][1] >= delay:
            self._least.pop()
        self._least.append((sent, delay))
        while self._least[0][0] < sent - BASE_WINDOW_S:
            self._least.popleft()
        if self._is_clock_step(sent, delay):
            self._least = deque([(sent, delay)])
        waited = delay - self._least[0][1]
        self.seconds += SMOOTHING * (waited - self.seconds)
        return waited

    def _is_clock_step(self, sent: float, delay: float) -> bool:
        """Whether the delay has grown in a way that no queue has."""
        if abs(delay - self._even[1]) > EVEN_S:
            self._even = sent, delay
        waited = delay - self._least[0][1]
        return waited > MAX_QUEUE_S or (waited > MIN_STEP_S and sent - self._even[0] > EVEN_DELAY_S)
