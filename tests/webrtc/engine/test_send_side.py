"""What a connection does about losses: each packet twice, or pictures that are shown later, or nothing."""

import random

import pytest

from colorfilter.webrtc.congestion_control import MIN_BITRATE, PacketResult
from colorfilter.webrtc.engine.send_side import REDUNDANCY_PATIENCE_S, SendSide
from colorfilter.webrtc.engine.transport_cc import ArrivalLog

FULL = 2_000_000


def told(side, seconds, lost_each, wait=0.04, start=0.0):
    """Ten packets each tenth of a second, of which one in `lost_each` is lost and the others arrive after `wait`."""
    side.controller.target_bitrate(FULL, start)
    for feedback in range(int(10 * seconds)):
        now, results = start + feedback / 10, []
        for i in range(10):
            sent = now + i / 100
            is_lost = (10 * feedback + i) % lost_each == 0
            side.controller.on_sent(1000, sent)
            results.append(PacketResult(1000, sent, None if is_lost else sent + wait, None))
        side.on_results(results, now + 0.1 + wait)
    return side


def lossy_side(lost_each, has_rtx=True, estimate=5_000_000, **conditions):
    side = SendSide()
    side.has_rtx = has_rtx
    told(side, 2, 1_000_000)
    side.controller._aimd.set(estimate)
    return told(side, REDUNDANCY_PATIENCE_S + 3, lost_each, start=2.0, **conditions)


@pytest.mark.parametrize(("lost_each", "often"), [(100, False), (20, True)])
def test_packets_that_are_often_lost_are_sent_twice_and_nothing_waits_for_them(lost_each, often):
    side = lossy_side(lost_each)
    assert side.controller._redundancy.is_wanted is often
    side.controller._aimd.set(2.3 * FULL)
    side.controller.want_redundancy(often, 100.0)
    assert side.controller.carries_redundancy is often


@pytest.mark.parametrize("has_rtx", [True, False])
def test_where_they_cannot_be_pictures_are_shown_later(has_rtx):
    side = lossy_side(20, has_rtx, estimate=1.4 * FULL)
    assert side.controller._redundancy.is_wanted is has_rtx
    assert not side.controller.carries_redundancy
    assert side.playout_delay.seconds > 0


def test_without_rtx_they_are_so_at_once():
    side = SendSide()
    told(side, 1.2, 20)
    assert side.playout_delay.seconds > 0


def test_what_is_lost_in_a_long_queue_counts_for_nothing():
    side = lossy_side(20, wait=0.2)
    assert not side.controller._redundancy.is_wanted
    assert side.playout_delay.seconds == 0


def test_twenty_thousand_broken_feedbacks_never_raise_and_leave_a_rate():
    """True ones with bytes changed, cut off or added, and made-up ones, while packets are sent."""
    draw, side, log, now = random.Random(7), SendSide(), ArrivalLog(), 100.0
    for count in range(20_000):
        number, now = side.history.take_number(), now + 0.005
        side.on_sent(1200, 1100, number, None, now)
        log.add(number, now + 0.02)
        body = bytearray(log.take(now)) if count % 3 else bytearray(draw.randbytes(draw.randrange(60)))
        for _ in range(draw.randrange(1, 4)):
            if body:
                body[draw.randrange(len(body))] = draw.randrange(256)
        side.on_feedback(bytes(body[: draw.randrange(len(body) + 1)] + draw.randbytes(draw.randrange(3))), now)
        assert MIN_BITRATE <= side.controller.target_bitrate(FULL, now) <= FULL
