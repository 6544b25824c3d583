"""The rate for one browser, from what becomes of the packets that are sent to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from colorfilter.webrtc.congestion_control.acknowledged_bitrate import AcknowledgedBitrate
from colorfilter.webrtc.congestion_control.aimd_rate_control import AimdRateControl
from colorfilter.webrtc.congestion_control.inter_arrival import InterArrival
from colorfilter.webrtc.congestion_control.loss_based import LossBasedControl
from colorfilter.webrtc.congestion_control.packets import PacketResult
from colorfilter.webrtc.congestion_control.probing import (
    HIGHER_REPEAT_S,
    REPEAT_S,
    ProbeBitrateEstimator,
    ProbeCluster,
    ProbeController,
)
from colorfilter.webrtc.congestion_control.queue_delay import QueueDelay
from colorfilter.webrtc.congestion_control.trendline_estimator import TrendlineEstimator, Usage

START_BITRATE = 800_000  # at 1 Mbit/s with loss, much more than this at the start never gets through
MIN_BITRATE = 100_000
NETWORK_HEADROOM = 1.5  # how far above what the media can use the network is measured
REDUNDANT_HEADROOM = 2.8  # the same where each packet is to be sent twice
# Of what the media can use: what carries the first carries each packet twice, until it carries less than the second.
REDUNDANT_SHARE, LAST_REDUNDANT_SHARE = 2.2, 2.0
REDUNDANCY_PAUSE_S = 5.0  # after the network has become slower under it
APP_LIMITED_SHARE = 0.65  # of the estimate: who sends less is limited by the scene, not by the network
SENT_WINDOW_S = 0.5
# Headers and what is sent again take their part of the rate, as libwebrtc has it (call/rtp_video_sender.cc).
MIN_MEDIA_SHARE, MEDIA_SHARE_WEIGHT = 0.6, 0.02
PACING_FACTOR, LIMITED_PACING_FACTOR = 2.5, 1.2  # of what the network is taken to carry
FEEDBACK_TIMEOUT_S = 0.5  # of sending without an answer, after which the way is taken to be blocked
TIMEOUT_FACTOR = 0.5
# A queue that is longer than this is emptied by sending less than the network carries.
DRAIN_DELAY_S, DRAIN_FACTOR = 0.1, 0.7
AFTER_LOSS_SHARE = 0.85  # of what arrives
CONGESTED_DELAY_S = 0.05  # a queue that may overflow
# A queue that is there at once, as after a fall of the line, needs no trend: every packet of a feedback waited longer
# than this, the last one longest.
JUMP_DELAY_S, MIN_JUMP_PACKETS = 0.06, 3
MIN_QUEUE_S = 0.01  # below it a trend is no queue of the network but a machine that was busy
INITIAL_RTT_S = 0.1
RTT_SMOOTHING = 0.2
# A browser without transport-wide feedback: its REMB is followed within bounds.
REMB_HEADROOM = 1.5


class RateController:
    """Takes packets sent and feedback; gives the rate, the pacing rate and the probes. All on one thread."""

    def __init__(self) -> None:
        self._full = float(START_BITRATE)
        self._aimd = AimdRateControl(START_BITRATE, MIN_BITRATE)
        self._arrivals, self._trend = InterArrival(), TrendlineEstimator()
        self._acknowledged, self._loss = AcknowledgedBitrate(), LossBasedControl()
        self._probes, self._probe_estimator = ProbeController(START_BITRATE), ProbeBitrateEstimator()
        self._queue = QueueDelay()
        self._rtt = INITIAL_RTT_S
        self._sent: deque[tuple[float, int]] = deque()
        self._sent_bits = 0
        self._media_bytes = self._all_bytes = 1.0  # means of the last packets
        self._unanswered_since: float | None = None
        self._has_feedback = False
        self._limit_seen = False
        self._wants_redundancy = self._is_redundant = False
        self._redundancy_pauses_until = float("-inf")

    # ---- What the encoder and the pacer ask --------------------------------------------------------------------

    def target_bitrate(self, full: int, now: float) -> int:
        """The rate at which to encode, at most `full`, the rate that the media can use."""
        self._full = float(full)
        if self.estimate >= full:
            self._limit_seen = False
        rate = min(self._media_share * self.estimate, full)
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
        return self.limited_by_network or self._queue.seconds > CONGESTED_DELAY_S

    def want_redundancy(self, wanted: bool, now: float) -> None:
        """Say, with each feedback, whether every packet is to be sent twice where the network carries that."""
        self._wants_redundancy = wanted
        enough = self.estimate >= REDUNDANT_SHARE * self._full and now >= self._redundancy_pauses_until
        self._is_redundant = wanted and (enough or self.carries_redundancy)

    @property
    def carries_redundancy(self) -> bool:
        """Whether each packet is to be sent twice, and the network carries that."""
        return self._is_redundant and self.estimate >= LAST_REDUNDANT_SHARE * self._full

    def next_probe(self, now: float) -> ProbeCluster | None:
        """The probe cluster to send now, if any."""
        if not self._has_feedback:
            return None
        self._check_silence(now)
        return self._probes.next(self.estimate, self._highest, self._probe_interval(now), now)

    def _probe_interval(self, now: float) -> float:
        if self._wants_redundancy and not self.carries_redundancy:
            return REPEAT_S if self._probes.met_limit else HIGHER_REPEAT_S
        return REPEAT_S if self._is_app_limited(now) else float("inf")

    # ---- What happens ------------------------------------------------------------------------------------------

    def on_sent(self, size: int, now: float, media: int | None = None) -> None:
        """Note a packet of `size` bytes, of which `media` are the picture's; None for a probe."""
        if media is not None:
            self._media_bytes += MEDIA_SHARE_WEIGHT * (media - self._media_bytes)
            self._all_bytes += MEDIA_SHARE_WEIGHT * (size - self._all_bytes)
        self._sent.append((now, 8 * size))
        self._sent_bits += 8 * size
        self._drop_old(now)
        if self._unanswered_since is None:
            self._unanswered_since = now

    def on_feedback(self, results: Sequence[PacketResult], now: float) -> None:
        """Take what became of packets, in the order of sending."""
        self._has_feedback, self._unanswered_since = True, None
        arrived = [result for result in results if result.arrived is not None]
        waits = []
        for result in arrived:
            assert result.arrived is not None
            self._acknowledged.add(result.arrived, result.size)
            waits.append(self._queue.add(result.sent, result.arrived))
            # A probe makes a queue of its own, which says nothing of the media.
            delta = self._arrivals.add(result.sent, result.arrived) if result.probe is None else None
            if delta is not None:
                self._trend.update(delta, result.arrived)
        self._loss.add(results, now)
        if arrived:
            self._take_rtt(now - max(result.sent for result in arrived))
        jumped = len(waits) >= MIN_JUMP_PACKETS and min(waits) > JUMP_DELAY_S and max(waits) == waits[-1]
        usage = self._trend.usage
        if usage is Usage.OVERUSING and self._queue.seconds < MIN_QUEUE_S:
            usage = Usage.NORMAL
        self._update(Usage.OVERUSING if jumped else usage, self._probe_estimator.add(results), now)

    def on_rtt(self, seconds: float, now: float) -> None:
        """Take a round trip, from a report and its answer."""
        self._take_rtt(seconds)

    def on_remb(self, bitrate: int, now: float) -> None:
        """Take a browser's estimate; only where it gives no transport-wide feedback.

        It trails what the browser lately received, 1.5 times at most, so it is a limit only where nearly all of it
        is being used.
        """
        if self._has_feedback:
            return
        self._unanswered_since = None
        sending = self._sending(now)
        if bitrate < 0.9 * sending:
            self._aimd.set(bitrate)
            self._limit_seen = True
        elif bitrate > self.estimate:
            self._aimd.set(min(float(bitrate), max(self.estimate, REMB_HEADROOM * sending)))

    # ---- Within ------------------------------------------------------------------------------------------------

    def _update(self, usage: Usage, probed: float | None, now: float) -> None:
        acknowledged = self._acknowledged.bitrate
        if probed is not None:
            self._probes.on_result(probed)
            if probed > self.estimate and usage is not Usage.OVERUSING:
                self._aimd.set(probed)
                self._aimd.capacity.reset()
        if self._aimd.update(usage, acknowledged, self._rtt, self._is_app_limited(now), now):
            self._on_decrease(now)
        factor = self._loss.factor(self._rtt, now)
        if factor < 1:
            self._aimd.set(self._after_loss(factor, acknowledged, now))
            self._aimd.capacity.on_overuse(self.estimate)
            self._on_decrease(now)
        self._aimd.set(min(self.estimate, self._highest))

    def _after_loss(self, factor: float, acknowledged: int | None, now: float) -> float:
        """What arrives is carried, however much of the rest was lost; and no more than that, if the rate was used."""
        lowered = factor * min(self.estimate, self._full)
        if acknowledged is None:
            return lowered
        if not self._is_app_limited(now):
            lowered = min(lowered, acknowledged)
        return max(lowered, AFTER_LOSS_SHARE * min(acknowledged, self.estimate))

    def _check_silence(self, now: float) -> None:
        if self._has_feedback and self._unanswered_since is not None:
            silent = now - self._unanswered_since
            if silent > FEEDBACK_TIMEOUT_S + self._rtt:
                self._unanswered_since = now
                self._aimd.set(TIMEOUT_FACTOR * min(self.estimate, self._full))
                self._aimd.capacity.on_overuse(self.estimate)
                self._on_decrease(now)

    def _on_decrease(self, now: float) -> None:
        self._limit_seen = True
        if self._is_redundant:
            self._is_redundant, self._redundancy_pauses_until = False, now + REDUNDANCY_PAUSE_S
        self._probes.on_decrease(now)
        self._loss.on_decrease(now)

    def _take_rtt(self, seconds: float) -> None:
        if 0 <= seconds < 10:
            self._rtt += RTT_SMOOTHING * (seconds - self._rtt)

    @property
    def _highest(self) -> float:
        """What is worth knowing of the network, bits a second."""
        return (REDUNDANT_HEADROOM if self._wants_redundancy else NETWORK_HEADROOM) * self._full

    @property
    def _media_share(self) -> float:
        return max(MIN_MEDIA_SHARE, self._media_bytes / self._all_bytes)

    @property
    def _is_draining(self) -> bool:
        return self._queue.seconds > DRAIN_DELAY_S

    def _is_app_limited(self, now: float) -> bool:
        return not self._is_draining and self._sending(now) < APP_LIMITED_SHARE * self.estimate

    def _sending(self, now: float) -> float:
        self._drop_old(now)
        return self._sent_bits / SENT_WINDOW_S

    def _drop_old(self, now: float) -> None:
        while self._sent and self._sent[0][0] < now - SENT_WINDOW_S:
            self._sent_bits -= self._sent.popleft()[1]
