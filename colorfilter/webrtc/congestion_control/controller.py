"""The rate for one browser, from what becomes of the packets that are sent to it."""

from __future__ import annotations

from collections.abc import Sequence

from colorfilter.webrtc.congestion_control.acknowledged_bitrate import AcknowledgedBitrate
from colorfilter.webrtc.congestion_control.aimd_rate_control import AimdRateControl
from colorfilter.webrtc.congestion_control.delay_based import DelayBasedDetector
from colorfilter.webrtc.congestion_control.feedback_timeout import TIMEOUT_FACTOR, FeedbackTimeout
from colorfilter.webrtc.congestion_control.loss_based import LossBasedControl, rate_after_loss
from colorfilter.webrtc.congestion_control.packets import PacketResult
from colorfilter.webrtc.congestion_control.probing import (
    REPEAT_S,
    ProbeBitrateEstimator,
    ProbeCluster,
    ProbeController,
)
from colorfilter.webrtc.congestion_control.redundancy import REDUNDANT_HEADROOM, RedundancyControl
from colorfilter.webrtc.congestion_control.sent_traffic import MediaShare, SentBitrate
from colorfilter.webrtc.congestion_control.trendline_estimator import Usage

START_BITRATE = 800_000  # at 1 Mbit/s with loss, much more than this at the start never gets through
MIN_BITRATE = 100_000
NETWORK_HEADROOM = 1.5  # how far above what the media can use the network is measured
APP_LIMITED_SHARE = 0.65  # of the estimate: who sends less is limited by the scene, not by the network
PACING_FACTOR, LIMITED_PACING_FACTOR = 2.5, 1.2  # of what the network is taken to carry
# A queue that is longer than this is emptied by sending less than the network carries.
DRAIN_DELAY_S, DRAIN_FACTOR = 0.1, 0.7
CONGESTED_DELAY_S = 0.05  # a queue that may overflow
INITIAL_RTT_S = 0.1
RTT_SMOOTHING = 0.2
# A browser without transport-wide feedback: its REMB is followed within bounds.
REMB_HEADROOM = 1.5


class RateController:
    """Takes packets sent and feedback; gives the rate, the pacing rate and the probes. All on one thread."""

    def __init__(self) -> None:
        self._full = float(START_BITRATE)
        self._aimd = AimdRateControl(START_BITRATE, MIN_BITRATE)
        self._delay, self._loss = DelayBasedDetector(), LossBasedControl()
        self._acknowledged, self._sent, self._media = AcknowledgedBitrate(), SentBitrate(), MediaShare()
        self._probes, self._probe_estimator = ProbeController(START_BITRATE), ProbeBitrateEstimator()
        self._redundancy, self._timeout = RedundancyControl(), FeedbackTimeout()
        self._rtt = INITIAL_RTT_S
        self._has_feedback = False
        self._limit_seen = False

    # ---- What the encoder and the pacer ask --------------------------------------------------------------------

    def target_bitrate(self, full: int, now: float) -> int:
        """The rate at which to encode, at most `full`, the rate that the media can use."""
        self._full = float(full)
        if self.estimate >= full:
            self._limit_seen = False
        rate = min(self._media.share * self.estimate, full)
        return max(MIN_BITRATE, round((DRAIN_FACTOR if self._is_draining else 1) * rate))

    @property
    def estimate(self) -> float:
        """What the network is taken to carry, bits a second."""
        return self._aimd.bitrate

    @property
    def rtt(self) -> float:
        """The round trip, smoothed, in seconds."""
        return self._rtt

    @property
    def pacing_rate(self) -> float:
        """How fast packets may leave, bits a second."""
        return (LIMITED_PACING_FACTOR if self.limited_by_network else PACING_FACTOR) * self.estimate

    @property
    def limited_by_network(self) -> bool:
        """Whether the media could use more than the network carries, as a limit has shown."""
        return self._limit_seen and self.estimate < self._full

    @property
    def is_congested(self) -> bool:
        """Whether the network may be losing packets because it has no room for them."""
        return self.limited_by_network or self._delay.queue.seconds > CONGESTED_DELAY_S

    def want_redundancy(self, wanted: bool, now: float) -> None:
        """Say, with each feedback, whether every packet is to be sent twice where the network carries that."""
        self._redundancy.update(wanted, self.estimate, self._full, now)

    @property
    def carries_redundancy(self) -> bool:
        """Whether each packet is to be sent twice, and the network carries that."""
        return self._redundancy.is_carried(self.estimate, self._full)

    def next_probe(self, now: float) -> ProbeCluster | None:
        """The probe cluster to send now, if any."""
        if not self._has_feedback:
            return None
        if self._timeout.is_over(self._rtt, now):
            self._lower(TIMEOUT_FACTOR * min(self.estimate, self._full), now)
        probe = self._probes.next(self.estimate, self._highest, self._probe_interval(now), now)
        if probe is not None:
            self._redundancy.on_probe()
        return probe

    def _probe_interval(self, now: float) -> float:
        if self._redundancy.is_wanted and not self.carries_redundancy:
            return REPEAT_S if self._probes.met_limit else self._redundancy.search_interval_s
        return REPEAT_S if self._is_app_limited(now) else float("inf")

    # ---- What happens ------------------------------------------------------------------------------------------

    def on_sent(self, size: int, now: float, media: int | None = None) -> None:
        """Note a packet of `size` bytes, of which `media` are the picture's; None for a probe."""
        if media is not None:
            self._media.add(size, media)
        self._sent.add(size, now)
        self._timeout.on_sent(now)

    def on_feedback(self, results: Sequence[PacketResult], now: float) -> None:
        """Take what became of packets, in the order of sending."""
        self._has_feedback = True
        self._timeout.on_feedback()
        for result in results:
            if result.arrived is not None:
                self._acknowledged.add(result.arrived, result.size)
        usage = self._delay.add(results)
        self._loss.add(results, now)
        arrived = [result.sent for result in results if result.arrived is not None]
        if arrived:
            self.on_rtt(now - max(arrived), now)
        self._update(usage, self._probe_estimator.add(results), now)

    def on_rtt(self, seconds: float, now: float) -> None:
        """Take a round trip; one that cannot be is ignored."""
        if 0 <= seconds < 10:
            self._rtt += RTT_SMOOTHING * (seconds - self._rtt)

    def on_remb(self, bitrate: int, now: float) -> None:
        """Take a browser's estimate; only where it gives no transport-wide feedback.

        It trails what the browser lately received, 1.5 times at most, so it is a limit only where nearly all of it
        is being used.
        """
        if self._has_feedback:
            return
        self._timeout.on_feedback()
        sending = self._sent.bitrate(now)
        if bitrate < 0.9 * sending:
            self._aimd.set(bitrate)
            self._limit_seen = True
        elif bitrate > self.estimate:
            self._aimd.set(min(float(bitrate), max(self.estimate, REMB_HEADROOM * sending)))

    # ---- Within ------------------------------------------------------------------------------------------------

    def _update(self, usage: Usage, probed: float | None, now: float) -> None:
        acknowledged = self._acknowledged.bitrate
        if probed is not None:
            probed = self._probes.on_result(probed)
            if probed > self.estimate and usage is not Usage.OVERUSING:
                self._aimd.set(probed)
                self._aimd.capacity.reset()
        if self._aimd.update(usage, acknowledged, self._rtt, self._is_app_limited(now), now):
            self._on_decrease(now)
        factor = self._loss.factor(self._rtt, now)
        if factor < 1:
            carried = None if acknowledged is None else min(acknowledged, self.estimate)
            lowered = factor * min(self.estimate, self._full)
            self._lower(rate_after_loss(lowered, carried, not self._is_app_limited(now)), now)
        self._aimd.set(min(self.estimate, self._highest))

    def _lower(self, bitrate: float, now: float) -> None:
        self._aimd.set(bitrate)
        self._aimd.capacity.on_overuse(self.estimate)
        self._on_decrease(now)

    def _on_decrease(self, now: float) -> None:
        self._limit_seen = True
        self._redundancy.on_decrease(now)
        self._probes.on_decrease(now)
        self._loss.on_decrease(now)

    @property
    def _highest(self) -> float:
        """What is worth knowing of the network, bits a second."""
        return (REDUNDANT_HEADROOM if self._redundancy.is_wanted else NETWORK_HEADROOM) * self._full

    @property
    def _is_draining(self) -> bool:
        return self._delay.queue.seconds > DRAIN_DELAY_S

    def _is_app_limited(self, now: float) -> bool:
        return not self._is_draining and self._sent.bitrate(now) < APP_LIMITED_SHARE * self.estimate
