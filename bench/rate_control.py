"""What finding the rate costs the server: packets numbered and paced, feedback read, the controller asked."""

import time
from collections.abc import Iterator
from statistics import median

from bench.table import Row
from colorfilter.live.source import RESOLUTIONS
from colorfilter.webrtc import full_rate
from colorfilter.webrtc.encoding.resolution import FRAME_RATE
from colorfilter.webrtc.engine.send_side import SendSide
from colorfilter.webrtc.engine.transport_cc import SLOW_INTERVAL_S, ArrivalLog

PACKET_BYTES = 1200
DELAY_S = 0.025
SECONDS, ROUNDS = 30, 5
POLLS_A_FRAME = 2  # for a probe: sender.IDLE_S is 20 ms


def cost_of_a_frame(width: int, height: int) -> float:
    """Milliseconds of one stream at its full rate over a good network; what a frame takes without it is left out."""
    side, log, spent = SendSide(), ArrivalLog(), 0.0
    full = full_rate(width, height)
    packets = max(1, round(full / FRAME_RATE / 8 / PACKET_BYTES))
    told = 0.0
    for number in range(SECONDS * FRAME_RATE):
        now = number / FRAME_RATE
        feedback = None
        if now - told >= SLOW_INTERVAL_S and log.due(now):
            feedback, told = log.take(now), now
        start = time.perf_counter()
        if feedback is not None:
            side.on_feedback(feedback, now)
        side.controller.target_bitrate(full, now)
        numbers = [_send(side, now) for _ in range(packets)]
        for _ in range(POLLS_A_FRAME):
            side.controller.next_probe(now)
        spent += time.perf_counter() - start
        for sent in numbers:
            log.add(sent, now + DELAY_S)
    return spent / (SECONDS * FRAME_RATE) * 1000


def _send(side: SendSide, now: float) -> int:
    """Do for one packet what `LiveSender` does, but for the sending."""
    number = side.history.take_number()
    side.pacer.delay(PACKET_BYTES, side.controller.pacing_rate, now)
    side.on_sent(PACKET_BYTES, PACKET_BYTES, number, None, now)
    return number


def rows() -> Iterator[Row]:
    for name, size in RESOLUTIONS.items():
        costs = [cost_of_a_frame(*size) for _ in range(ROUNDS)]
        yield Row(f"{name} at its full rate: the rate control's own time a frame", median(costs), digits=3)
