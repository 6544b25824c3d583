"""Short bursts that find out what the network carries before a scene needs it.

As libwebrtc's probe_controller.cc (when) and probe_bitrate_estimator.cc (what came of it).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from colorfilter.webrtc.congestion_control.packets import PacketResult

FIRST_FACTORS = (3.0, 6.0)  # of the start rate
FURTHER_FACTOR = 2.0  # of what a probe found, if it came close to its own rate
FURTHER_SHARE = 0.7
REPEAT_S = 5.0  # while the sender has less to send than it may
RECOVERY_S = (1.0, 2.0, 3.0)  # after a drop: the end of a limit is found within seconds
RECOVERY_FACTOR = 2.0
CLUSTER_S, MIN_PACKETS = 0.025, 5
GIVE_UP_S = 1.0  # after which a cluster is not waited for any more
RECEIVED_SHARE = 0.9  # below it the burst met the bottleneck
LINK_UTILIZATION = 0.95
MAX_RATIO = 2.0  # of arriving faster than leaving, above which the clocks or the network play tricks


@dataclass(frozen=True)
class ProbeCluster:
    """A burst to send: its number, bits a second, and bytes in all."""

    number: int
    bitrate: float
    size: int


class ProbeController:
    """Says when to probe, and how fast."""

    def __init__(self, start: float) -> None:
        self._pending: deque[float] = deque(factor * start for factor in FIRST_FACTORS)
        self._recover_at: deque[float] = deque()
        self._count = 0
        self._in_flight: ProbeCluster | None = None
        self._asked = start  # bits a second, of the last cluster
        self._sent_at = float("-inf")
        self._is_highest = False  # the last cluster's rate
        self.met_limit = False  # the last cluster did

    def on_decrease(self, now: float) -> None:
        """The rate was lowered: look soon whether the limit is still there."""
        self._recover_at = deque(now + wait for wait in RECOVERY_S)
        self._pending.clear()

    def on_result(self, bitrate: float) -> float:
        """Take what a cluster has found, and return it: at most its own rate, for media that leaves with it may burst.

        One that came close to its own rate is followed by a faster one.
        """
        bitrate = min(bitrate, self._asked)
        if self._in_flight is not None:
            self._in_flight = None
            self.met_limit = bitrate < FURTHER_SHARE * self._asked
            if not self.met_limit and not self._is_highest and not self._pending:
                self._pending.append(FURTHER_FACTOR * bitrate)
        return bitrate

    def next(self, bitrate: float, highest: float, repeat_s: float, now: float) -> ProbeCluster | None:
        """The cluster to send now, if any. `bitrate` is today's estimate, `highest` what could ever be of use.

        `repeat_s`: how long after the last cluster to look again; infinite if there is no need to.
        """
        if self._in_flight is not None and now - self._sent_at < GIVE_UP_S:
            return None
        if self._in_flight is not None:
            self._in_flight, self.met_limit = None, True
        if bitrate >= highest:
            self._pending.clear()
            self._recover_at.clear()
            return None
        if self._recover_at and now >= self._recover_at[0]:
            self._recover_at.popleft()
            self._pending.append(RECOVERY_FACTOR * bitrate)
        elif not self._pending and now - self._sent_at >= repeat_s:
            self._pending.append(RECOVERY_FACTOR * bitrate)
        if not self._pending:
            return None
        wanted = min(self._pending.popleft(), highest)
        if wanted <= 1.05 * bitrate:
            return None
        self._is_highest = wanted >= highest
        self._count += 1
        self._sent_at, self._asked = now, wanted
        self._in_flight = ProbeCluster(self._count, wanted, round(wanted * CLUSTER_S / 8))
        return self._in_flight


class ProbeBitrateEstimator:
    """The rate of each cluster: that at which it left or that at which it arrived, whichever is less."""

    def __init__(self) -> None:
        self._number = 0
        self._packets: list[tuple[float, float, int]] = []

    def add(self, results: Iterable[PacketResult]) -> float | None:
        """Take what became of packets. Returns the newest cluster's bitrate, as soon as there is enough of it."""
        found = None
        for result in results:
            if result.probe is None or result.arrived is None or result.probe < self._number:
                continue
            if result.probe > self._number:
                self._number, self._packets = result.probe, []
            self._packets.append((result.sent, result.arrived, result.size))
            found = self._bitrate() or found
        return found

    def _bitrate(self) -> float | None:
        if len(self._packets) < MIN_PACKETS:
            return None
        sent, arrived, sizes = zip(*sorted(self._packets), strict=True)
        leaving, coming = sent[-1] - sent[0], max(arrived) - min(arrived)
        if leaving <= 0 or coming <= 0:
            return None
        # n packets make n - 1 intervals: the last one sent has none after it, the first to arrive none before.
        send_rate: float = 8 * sum(sizes[:-1]) / leaving
        receive_rate: float = 8 * sum(sizes[1:]) / coming
        if receive_rate > MAX_RATIO * send_rate:
            return None
        limited = receive_rate < RECEIVED_SHARE * send_rate
        return LINK_UTILIZATION * receive_rate if limited else min(send_rate, receive_rate)
