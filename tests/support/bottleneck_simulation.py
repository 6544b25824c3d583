"""A sender and a bottleneck in simulated time: the real controller, pacer and redundancy, and a made-up encoder.

The link has a rate over time, a queue in seconds at that rate with tail drop, a delay each way and loss at random.
Feedback comes every 100 ms, as browsers send it.
"""

import heapq
import itertools
from dataclasses import dataclass, field
from random import Random

from colorfilter.webrtc.congestion_control import PacketResult
from colorfilter.webrtc.engine.probe_sender import SentCluster
from colorfilter.webrtc.engine.send_side import SendSide

PACKET_BYTES, FRAME_S, FEEDBACK_S, POLL_S, PAD_S = 1200, 1 / 30, 0.1, 0.02, 0.002
PADDING_BYTES = 282


@dataclass
class Link:
    """`rate` gives bits a second at a time; the rest in seconds, `loss` as a share."""

    rate: object
    delay: float = 0.025
    queue: float = 0.2
    loss: float = 0.0
    seed: int = 1
    free_at: float = 0.0
    random: Random = field(init=False)

    def __post_init__(self):
        self.random = Random(self.seed)

    def send(self, size, now):
        """When a packet arrives, None if it is lost."""
        if self.random.random() < self.loss:
            return None
        start, rate = max(self.free_at, now), self.rate(now)
        if start - now > self.queue:
            return None
        self.free_at = start + 8 * size / rate
        return self.free_at + self.delay


class Flow:
    """One viewer's sender. `scene` gives the share of the target that the encoder needs at a time.

    Of the feedback the share `feedback_loss` is lost; `clock` gives the receiver's time at a time.
    """

    def __init__(self, link, full, scene=lambda now: 1.0, feedback_loss=0.0, clock=lambda now: now):
        self.link, self.full, self.scene, self.feedback_loss, self.clock = link, full, scene, feedback_loss, clock
        self.side = SendSide()
        self.side.has_rtx = True
        self.controller = self.side.controller
        self.packets, self.told = [], 0  # (sent, arrived, size, probe)
        self.probe = None  # what has left of the cluster that is being sent
        self.targets, self.lags = [], []  # (time, target), (time, seconds from encoding to the last arrival)
        self.redundant = []  # times of frames whose packets were sent twice
        self.broken = []  # times of frames of which a packet is missing

    def frame(self, now):
        target = self.controller.target_bitrate(self.full, now)
        self.targets.append((now, target))
        if twice := self.controller.carries_redundancy:
            self.redundant.append(now)
        size = max(200, int(target * self.scene(now) * FRAME_S / 8))
        arrivals = []
        while size > 0:
            part = min(size, PACKET_BYTES)
            copies = [self._send_paced(part, now) for _ in range(2 if twice else 1)]
            arrivals.append(min((at for at in copies if at is not None), default=None))
            size -= part
        if arrivals[-1] is not None:
            self.lags.append((now, arrivals[-1] - now))
        if None in arrivals:
            self.broken.append(now)

    def poll(self, now):
        cluster = self.controller.next_probe(now)
        if cluster is not None:
            self.probe = SentCluster(cluster, now)

    def pad(self, now):
        """Of a probe what media has not filled by `now`."""
        while self.probe is not None and self.probe.due <= now:
            self._send(PADDING_BYTES, now)
            if self.probe.is_whole:
                self.probe = None

    def feedback(self, now):
        """What the receiver tells at `now`: all up to the newest packet that has arrived by then."""
        back = now - self.link.delay
        self.packets[self.told :] = sorted(self.packets[self.told :], key=lambda packet: packet[0])
        arrived = [i for i, p in enumerate(self.packets) if i >= self.told and p[1] is not None and p[1] <= back]
        if not arrived:
            return
        told = self.packets[self.told : arrived[-1] + 1]
        self.told = arrived[-1] + 1
        if self.link.random.random() < self.feedback_loss:
            return
        results = [PacketResult(size, sent, at and self.clock(at), probe) for sent, at, size, probe in told]
        self.side.on_results(results, now)

    def _send_paced(self, size, now):
        wait = self.side.pacer.delay(size, self.controller.pacing_rate, now)
        return self._send(size, now + wait)

    def _send(self, size, at):
        number = None
        if self.probe is not None:
            self.probe.on_sent(size)
            number = self.probe.number
        self.controller.on_sent(size, at)
        arrived = self.link.send(size, at)
        self.packets.append((at, arrived, size, number))
        return arrived


def run(flows, seconds):
    """Run the flows side by side; flows may share a link."""
    events = []
    count = itertools.count()
    for index, flow in enumerate(flows):
        offset = index * 0.011
        parts = ((flow.frame, FRAME_S), (flow.poll, POLL_S), (flow.pad, PAD_S), (flow.feedback, FEEDBACK_S))
        for method, period in parts:
            for step in range(int(seconds / period)):
                heapq.heappush(events, (offset + step * period, next(count), method))
    while events:
        now, _, method = heapq.heappop(events)
        method(now)
    return flows


def steps(*parts):
    """A rate over time, from (second, bits a second) pairs."""
    return lambda now: next(rate for at, rate in reversed(parts) if now >= at)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
