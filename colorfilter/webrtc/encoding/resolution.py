"""How large a picture and how many a second a bit rate can carry, decided without haste."""

from __future__ import annotations

import math
from collections import deque

SHARP_BITS_PER_PIXEL = 0.075  # at 30 frames a second 0.9, 2.1 and 4.7 Mbit/s for the three resolutions
MIN_FULL_BITRATE = 900_000
COARSE_BITS_PER_PIXEL = 0.035  # below it a smaller picture looks better
# Shares of the source's sides and of its frame rate.
STEPS = ((1.0, 1.0), (0.75, 1.0), (0.6, 1.0), (0.5, 1.0), (0.375, 1.0), (0.25, 1.0), (0.25, 0.5))
FRAME_RATE = 30

SHRINK_DELAY_S = 1.5  # the rate must be too low for so long, all the time
DEEP_SHARE, DEEP_DELAY_S = 0.5, 0.4  # a rate below that share of what the step needs is waited for less
GROW_DELAY_S = 2.0  # the rate must be high enough for so long
GROW_MARGIN = 1.15  # how far the rate must be above what the larger size needs, so that it does not go up and down
# A scene that is hard to encode needs more bits than COARSE_BITS_PER_PIXEL, and frames are left out to hold the rate.
# libwebrtc's QualityScaler (modules/video_coding/utility) shrinks the picture for that too.
TOO_LARGE = 3.0  # times what a frame may take; fewer than ten a second of that size can leave
FAILED_SHARE = 0.4  # of the frames, left out or too large; above it the scene counts as harder
FAILED_WEIGHT = 0.03  # of the newest frame in that share
HARDNESS_FACTOR, MAX_HARDNESS = 1.5, 4.0
HARDNESS_DECAY_S = 30.0  # time constant, after which larger sizes are tried again


def full_rate(width: int, height: int) -> int:
    """The bit rate at which a picture of that size looks sharp, each way."""
    return max(MIN_FULL_BITRATE, round(width * height * FRAME_RATE * SHARP_BITS_PER_PIXEL))


def coarse_rate(width: int, height: int) -> float:
    """The bit rate below which a picture of that size shows blocks."""
    return width * height * FRAME_RATE * COARSE_BITS_PER_PIXEL


def scaled(width: int, height: int, scale: float) -> tuple[int, int]:
    """The size times `scale`, each side an even number of pixels; itself at scale 1."""
    return (width, height) if scale == 1 else (round(width * scale / 2) * 2, round(height * scale / 2) * 2)


class ResolutionLadder:
    """Which of STEPS to use, from the bit rate over time.

    Down when the rate has been too low for the step all through SHRINK_DELAY_S, or far too low all through
    DEEP_DELAY_S, at once to the step that its best moment could carry; without a delay if a key frame is due, which
    would take the line for long at the larger size. Up when it has been high enough for a higher step, by a margin, all
    through GROW_DELAY_S, at once to the step that its worst moment could carry. What the steps need rises while many
    frames are left out or too large.
    """

    def __init__(self, width: int, height: int) -> None:
        """A ladder for a source of `width` x `height` pixels, at its full size."""
        self._sizes = [scaled(width, height, scale) for scale, _ in STEPS]
        # Bits a second that each step needs. The last is the last resort, at whatever rate.
        self._needed = [share * coarse_rate(*size) for size, (_, share) in zip(self._sizes, STEPS, strict=True)]
        self._needed[-1] = 0
        self._step = 0
        self._recent: deque[tuple[float, int]] = deque()
        self._hardness = 1.0  # what the scene needs, as a multiple of what the steps say
        self._failed = 0.0  # the share of frames
        self._last_frame, self._last_rise = float("-inf"), 0.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height to encode at, in pixels."""
        return self._sizes[self._step]

    @property
    def half_frame_rate(self) -> bool:
        """Whether to leave out every second frame."""
        return STEPS[self._step][1] < 1

    def update(self, bitrate: int, now: float, key_frame_due: bool = False) -> None:
        """Take the rate of the moment, bits a second; `now` is in seconds on any steady clock."""
        self._recent.append((now, bitrate))
        while len(self._recent) > 1 and self._recent[1][0] <= now - max(SHRINK_DELAY_S, GROW_DELAY_S):
            self._recent.popleft()
        needed = self._hardness * self._needed[self._step]
        is_deep = bitrate < DEEP_SHARE * needed
        delay = 0.0 if key_frame_due else DEEP_DELAY_S if is_deep else SHRINK_DELAY_S
        best = max(self._within(delay, now), default=None)
        worst = min(self._within(GROW_DELAY_S, now), default=None)
        if best is not None and best < needed:
            self._step = self._carried(best)
        elif worst is not None:
            self._step = min(self._step, self._carried(worst / GROW_MARGIN))

    def on_frame(self, bits: int, bitrate: int, now: float) -> None:
        """Take the size of a frame, 0 if it was left out, at a rate in bits a second that the network limits."""
        if self._last_frame == float("-inf"):
            self._last_rise = now
        else:
            self._hardness = 1 + (self._hardness - 1) * math.exp((self._last_frame - now) / HARDNESS_DECAY_S)
        self._last_frame = now
        failed = not bits or bits > TOO_LARGE * bitrate / FRAME_RATE
        self._failed += FAILED_WEIGHT * (failed - self._failed)
        if self._failed > FAILED_SHARE and now - self._last_rise >= SHRINK_DELAY_S:
            self._hardness = min(MAX_HARDNESS, HARDNESS_FACTOR * self._hardness)
            self._failed, self._last_rise = 0.0, now

    def _within(self, seconds: float, now: float) -> list[int]:
        """The rates of the last `seconds`, or none if it has not been fed for so long yet."""
        if self._recent[0][0] > now - seconds:
            return []
        return [bitrate for then, bitrate in self._recent if then >= now - seconds]

    def _carried(self, bitrate: float) -> int:
        return next(step for step, needed in enumerate(self._needed) if bitrate >= self._hardness * needed)
