"""Additive increase, multiplicative decrease, by what the trend says (draft-ietf-rmcat-gcc-02, section 5.5)."""

from __future__ import annotations

from colorfilter.webrtc.congestion_control.trendline_estimator import Usage

BACKOFF_FACTOR = 0.85
GROWTH_PER_S = 1.08
RAMP_PER_S = 1.5  # while no limit is known
HEADROOM = 1.5  # of what arrives; the rate does not grow above it
HEADROOM_BITS = 10_000
CAPACITY_SMOOTHING = 0.05
CAPACITY_DEVIATIONS = 3.0
PACKET_BITS = 8 * 1200
RESPONSE_MARGIN_S = 0.1
MIN_DECREASE_INTERVAL_S = 0.2


class LinkCapacity:
    """Where the rate stood when the bottleneck was reached: mean and deviation, in bits a second."""

    def __init__(self) -> None:
        self.mean: float | None = None
        self._variance = 0.4

    def on_overuse(self, acknowledged: float) -> None:
        """Take the rate that arrived when a queue grew (libwebrtc's link_capacity_estimator.cc)."""
        kilobits = acknowledged / 1000
        if self.mean is None:
            self.mean = kilobits
        self.mean += CAPACITY_SMOOTHING * (kilobits - self.mean)
        error = (self.mean - kilobits) ** 2 / max(self.mean, 1.0)
        self._variance = min(max((1 - CAPACITY_SMOOTHING) * self._variance + CAPACITY_SMOOTHING * error, 0.4), 2.5)

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Within three deviations of the mean."""
        if self.mean is None:
            return None
        deviation: float = CAPACITY_DEVIATIONS * (self._variance * self.mean) ** 0.5
        return 1000 * max(0.0, self.mean - deviation), 1000 * (self.mean + deviation)

    def reset(self) -> None:
        """Forget the limit: it is no more."""
        self.mean, self._variance = None, 0.4


class AimdRateControl:
    """The rate that the delay allows."""

    def __init__(self, start: int, lowest: int) -> None:
        self.bitrate = float(start)
        self.capacity = LinkCapacity()
        self._lowest = lowest
        self._updated: float | None = None
        self._decreased = float("-inf")
        self._limited_once = False

    def update(self, usage: Usage, acknowledged: int | None, rtt: float, limited_by_app: bool, now: float) -> bool:
        """Take what the detector says. Returns whether the rate was lowered."""
        elapsed = min(now - self._updated, 1.0) if self._updated is not None else 0.0
        self._updated = now
        if usage is Usage.OVERUSING:
            return self._decrease(acknowledged, now)
        if usage is Usage.NORMAL and not limited_by_app:
            self._increase(acknowledged, rtt, elapsed)
        return False

    def set(self, bitrate: float) -> None:
        """Take a rate that was measured in another way, such as by a probe."""
        self.bitrate = max(bitrate, self._lowest)

    def _decrease(self, acknowledged: int | None, now: float) -> bool:
        if now - self._decreased < MIN_DECREASE_INTERVAL_S:
            return False
        arrived = self.bitrate if acknowledged is None else acknowledged
        lowered = BACKOFF_FACTOR * arrived
        if lowered >= self.bitrate:
            return False
        bounds = self.capacity.bounds
        if bounds is not None and arrived < bounds[0]:
            self.capacity.reset()
        self.capacity.on_overuse(arrived)
        self.bitrate, self._decreased, self._limited_once = max(lowered, self._lowest), now, True
        return True

    def _increase(self, acknowledged: int | None, rtt: float, elapsed: float) -> None:
        bounds = self.capacity.bounds
        if bounds is not None and acknowledged is not None and acknowledged > bounds[1]:
            self.capacity.reset()
            bounds = None
        if bounds is not None and self.bitrate > bounds[0]:
            grown = self.bitrate + max(4000.0, PACKET_BITS / (rtt + RESPONSE_MARGIN_S)) * elapsed
        else:
            grown = self.bitrate * (GROWTH_PER_S if self._limited_once else RAMP_PER_S) ** elapsed
        if acknowledged is not None:
            grown = min(grown, max(self.bitrate, HEADROOM * acknowledged + HEADROOM_BITS))
        self.bitrate = grown
