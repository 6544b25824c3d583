"""What the delay says of the bottleneck: the trend of many packets, or a queue that is there at once."""

from __future__ import annotations

from collections.abc import Iterable

from colorfilter.webrtc.congestion_control.inter_arrival import InterArrival
from colorfilter.webrtc.congestion_control.packets import PacketResult
from colorfilter.webrtc.congestion_control.queue_delay import QueueDelay
from colorfilter.webrtc.congestion_control.trendline_estimator import TrendlineEstimator, Usage

# A queue that is there at once, as after a fall of the line, needs no trend: every packet of a feedback waited longer
# than this, the last one longest.
JUMP_DELAY_S, MIN_JUMP_PACKETS = 0.06, 3
MIN_QUEUE_S = 0.01  # below it a trend is no queue of the network but a machine that was busy


class DelayBasedDetector:
    """Whether a queue grows on the way, from when packets left and arrived."""

    def __init__(self) -> None:
        self.queue = QueueDelay()
        self._groups, self._trend = InterArrival(), TrendlineEstimator()

    def add(self, results: Iterable[PacketResult]) -> Usage:
        """Take what became of packets, in the order of sending."""
        waits = []
        for result in results:
            if result.arrived is None:
                continue
            waits.append(self.queue.add(result.sent, result.arrived))
            # A probe makes a queue of its own, which says nothing of the media.
            delta = self._groups.add(result.sent, result.arrived) if result.probe is None else None
            if delta is not None:
                self._trend.update(delta, result.arrived)
        if len(waits) >= MIN_JUMP_PACKETS and min(waits) > JUMP_DELAY_S and max(waits) == waits[-1]:
            return Usage.OVERUSING
        if self._trend.usage is Usage.OVERUSING and self.queue.seconds < MIN_QUEUE_S:
            return Usage.NORMAL
        return self._trend.usage
