"""Whether something happens often enough that something is done about it."""

from __future__ import annotations

from collections import deque

WINDOW_S, MIN_WINDOW_S = 3.0, 1.0


class Frequency:
    """Counts events of the last seconds. They are frequent from `many` a second on, until fewer than `few`."""

    def __init__(self, many: float, few: float) -> None:
        self.is_high = False
        self._many, self._few = many, few
        self._events: deque[tuple[float, int]] = deque()  # (time, how many)
        self._count = 0
        self._began: float | None = None

    def update(self, events: int, now: float) -> bool:
        """Take how many there were at `now`, in seconds on any steady clock; return `is_high`."""
        self._began = now if self._began is None else self._began
        if events:
            self._events.append((now, events))
            self._count += events
        while self._events and self._events[0][0] < now - WINDOW_S:
            self._count -= self._events.popleft()[1]
        each_second = self._count / min(WINDOW_S, max(MIN_WINDOW_S, now - self._began))
        self.is_high = each_second >= (self._few if self.is_high else self._many)
        return self.is_high
