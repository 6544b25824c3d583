"""How much time the encoder takes for a picture: more where bits are scarce, as long as there is time for it."""

from __future__ import annotations

from enum import Enum

SCARCE_SHARE = 0.7  # of the rate at which a picture is sharp; above it, more time makes little difference
TIME_SHARE = 0.5  # of the interval between two frames: the rest is the filter's, other viewers' and the machine's
THOROUGH_FACTOR = 2.2  # how much longer a thorough picture may take; 1.6 to 2.1 were measured
SMOOTHING = 1 / 8
FIRST_SECONDS = 1 / 30  # what is expected of the first picture: it is fast until it is known that there is time


class Effort(Enum):
    """FAST takes the least time at which a picture is sharp at its full rate, THOROUGH about twice that."""

    FAST = "fast"
    THOROUGH = "thorough"


class EffortControl:
    """Which effort fits, from the rate and from what the last pictures took.

    Seconds are those of a clock on the wall, so that they grow when others use the processor too.
    """

    def __init__(self) -> None:
        self._effort = Effort.FAST
        self._seconds = FIRST_SECONDS

    def choose(self, rate_share: float, interval: float) -> Effort:
        """For the next picture, at `rate_share` of its full rate and `interval` seconds after the one before."""
        expected = self._seconds * (1 if self._effort is Effort.THOROUGH else THOROUGH_FACTOR)
        fits = rate_share < SCARCE_SHARE and expected < TIME_SHARE * interval
        self._effort = Effort.THOROUGH if fits else Effort.FAST
        return self._effort

    def on_encoded(self, seconds: float) -> None:
        """Take how long the picture took."""
        self._seconds += (seconds - self._seconds) * SMOOTHING
