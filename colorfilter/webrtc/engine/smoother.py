"""When a camera's picture is due: at once, or, where many wait for lost packets, so late that all come evenly."""

from __future__ import annotations

from collections import deque
from statistics import median

from aiortc.mediastreams import VIDEO_CLOCK_RATE

from colorfilter.webrtc.congestion_control.queue_delay import QueueDelay
from colorfilter.webrtc.engine.frequency import WINDOW_S, Frequency

# Batches a second at which pictures begin and end to be held: catching up so often would be seen.
MANY_BATCHES, FEW_BATCHES = 3.0, 2.0
PATIENCE_S = 5.0  # in which the browser hears of the losses and sends parity, so that few have to wait
HOLD_FACTOR = 1.5  # of how late a batch usually is; the few that had to be asked for twice are not waited for
MAX_HOLD_S = 0.3


class Smoother:
    """Holds pictures back by somewhat more than the batches of the last seconds were usually late."""

    def __init__(self) -> None:
        self.hold: float | None = None  # seconds; None while each picture is due at once
        self._lateness = QueueDelay()
        self._offset = 0.0  # from a picture's own time to its arrival if nothing is late, in seconds
        self._frequency = Frequency(MANY_BATCHES, FEW_BATCHES)
        self._many_since: float | None = None
        self._batches: deque[tuple[float, float]] = deque()  # (arrival, lateness)

    def add(self, ticks: int, arrived: float, is_batch: bool) -> None:
        """Take a picture's time stamp and arrival, and whether others came together with it."""
        at = ticks / VIDEO_CLOCK_RATE
        late = self._lateness.add(at, arrived)
        self._offset = arrived - at - late
        if is_batch:
            self._batches.append((arrived, late))
        while self._batches and self._batches[0][0] < arrived - WINDOW_S:
            self._batches.popleft()
        self.hold = None
        if not self._frequency.update(int(is_batch), arrived):
            self._many_since = None
        elif self._many_since is None:
            self._many_since = arrived
        elif arrived - self._many_since >= PATIENCE_S:
            self.hold = min(MAX_HOLD_S, HOLD_FACTOR * median(late for _, late in self._batches))

    def due(self, ticks: int) -> float:
        """When to hand on the picture of that time stamp, on the clock of the arrivals."""
        return float("-inf") if self.hold is None else ticks / VIDEO_CLOCK_RATE + self._offset + self.hold
