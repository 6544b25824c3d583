"""The parts of the controller, each on numbers worked out by hand."""

import pytest

from colorfilter.webrtc.congestion_control.acknowledged_bitrate import AcknowledgedBitrate
from colorfilter.webrtc.congestion_control.aimd_rate_control import BACKOFF_FACTOR, AimdRateControl
from colorfilter.webrtc.congestion_control.delay_based import DelayBasedDetector
from colorfilter.webrtc.congestion_control.feedback_timeout import FeedbackTimeout
from colorfilter.webrtc.congestion_control.inter_arrival import Delta, InterArrival
from colorfilter.webrtc.congestion_control.loss_based import LossBasedControl, rate_after_loss
from colorfilter.webrtc.congestion_control.packets import PacketResult
from colorfilter.webrtc.congestion_control.probing import ProbeBitrateEstimator, ProbeController
from colorfilter.webrtc.congestion_control.queue_delay import QueueDelay
from colorfilter.webrtc.congestion_control.sent_traffic import MediaShare, SentBitrate
from colorfilter.webrtc.congestion_control.trendline_estimator import TrendlineEstimator, Usage


def test_packets_that_left_within_five_milliseconds_are_one_group():
    groups = InterArrival()
    seen = [groups.add(sent, arrived) for sent, arrived in [(0, 1.0), (0.004, 1.01), (0.033, 1.04), (0.066, 1.08)]]
    assert seen[:3] == [None, None, None]
    assert seen[3] == Delta(pytest.approx(0.033 - 0.004), pytest.approx(1.04 - 1.01))


def test_after_a_silence_the_groups_before_say_nothing():
    groups = InterArrival()
    for sent, arrived in [(0, 1.0), (0.033, 1.04), (9.0, 10.0), (9.033, 10.03)]:
        assert groups.add(sent, arrived) is None
    assert groups.add(9.066, 10.06) == Delta(pytest.approx(0.033), pytest.approx(0.03))


def trend(*growth):
    """The usage after groups every 33 ms, each of which arrives so many ms later than the one before would have."""
    estimator, arrived = TrendlineEstimator(), 0.0
    for late in growth:
        arrived += 0.033 + late / 1000
        estimator.update(Delta(0.033, 0.033 + late / 1000), arrived)
    return estimator.usage


def test_an_even_delay_is_normal():
    assert trend(*[0] * 60) is Usage.NORMAL
    assert trend(*[2, -2] * 30) is Usage.NORMAL


def test_a_delay_that_grows_is_overuse_and_one_that_shrinks_underuse():
    assert trend(*[0] * 30, *[5] * 20) is Usage.OVERUSING
    assert trend(*[0] * 30, *[-5] * 20) is Usage.UNDERUSING


def feedback(*waits, start=10.0, probe=None):
    """Packets every 10 ms, each of which arrives so many milliseconds late, on a clock that is 1000 s ahead."""
    return [PacketResult(1000, start + i / 100, start + i / 100 + 1000 + w / 1000, probe) for i, w in enumerate(waits)]


@pytest.mark.parametrize(
    ("waits", "usage"),
    [
        ((70, 75, 80), Usage.OVERUSING),
        ((70, 75, 59, 80), Usage.NORMAL),  # one that waited for less than 60 ms
        ((80, 75, 70), Usage.NORMAL),  # the queue shrinks
        ((70, 80), Usage.NORMAL),  # two packets say nothing
    ],
)
def test_a_queue_that_is_there_at_once_is_overuse(waits, usage):
    detector = DelayBasedDetector()
    assert detector.add(feedback(*[0] * 10, start=9.0)) is Usage.NORMAL
    assert detector.add(feedback(*waits)) is usage


@pytest.mark.parametrize(("growth", "probe", "is_overuse"), [(1.0, None, True), (0.4, None, False), (1.0, 1, False)])
def test_a_trend_is_overuse_but_for_a_queue_below_ten_milliseconds_or_a_probes(growth, probe, is_overuse):
    """24 packets, each of which waits so many milliseconds longer than the one before."""
    detector = DelayBasedDetector()
    detector.add(feedback(*[0] * 60, start=9.0))
    usages = [detector.add(feedback(growth * i, start=9.6 + i / 100, probe=probe)) for i in range(24)]
    assert (Usage.OVERUSING in usages) is is_overuse


def test_the_rate_of_sending():
    sent = SentBitrate()
    assert sent.bitrate(0.0) == 0
    for i in range(101):
        sent.add(1250, i * 0.01)  # 10,000 bits every 10 ms
    assert sent.bitrate(1.0) == pytest.approx(1_000_000, rel=0.03)
    assert sent.bitrate(1.255) == pytest.approx(500_000, rel=0.03)  # nothing in half of the window
    assert sent.bitrate(2.0) == 0


@pytest.mark.parametrize(("media", "share"), [(1000, 1.0), (800, 0.8), (0, 0.6)])
def test_the_share_of_the_picture_in_what_is_sent(media, share):
    shares = MediaShare()
    assert shares.share == 1
    for _ in range(1000):
        shares.add(1000, media)
    assert shares.share == pytest.approx(share, rel=0.001)


def test_half_a_second_and_a_round_trip_without_an_answer_are_a_timeout():
    timeout = FeedbackTimeout()
    assert not timeout.is_over(0.1, 50.0)  # nothing was sent
    for now in (100.0, 100.4):
        timeout.on_sent(now)
    assert not timeout.is_over(0.1, 100.59)
    assert timeout.is_over(0.1, 100.61)
    assert not timeout.is_over(0.1, 101.2)  # it begins again
    assert timeout.is_over(0.1, 101.22)
    timeout.on_feedback()
    assert not timeout.is_over(0.1, 110.0)


def test_the_rate_of_arrivals():
    acknowledged = AcknowledgedBitrate()
    assert acknowledged.bitrate is None
    for i in range(60):
        acknowledged.add(i * 0.01, 1250)  # 10,000 bits every 10 ms
    assert acknowledged.bitrate == pytest.approx(1_000_000)


def test_overuse_lowers_to_a_share_of_what_arrives():
    rate = AimdRateControl(2_000_000, 100_000)
    assert rate.update(Usage.OVERUSING, 1_000_000, 0.05, False, 0)
    assert rate.bitrate == pytest.approx(BACKOFF_FACTOR * 1_000_000)
    assert rate.capacity.mean == pytest.approx(1000)


def test_growth_is_bounded_by_what_arrives_and_stands_still_while_the_scene_needs_little():
    rate = AimdRateControl(1_000_000, 100_000)
    for i in range(100):
        rate.update(Usage.NORMAL, 500_000, 0.05, False, i * 0.1)
    assert rate.bitrate == 1_000_000  # 1.5 times what arrives is less than it has
    for i in range(100):
        rate.update(Usage.NORMAL, 1_000_000, 0.05, True, 10 + i * 0.1)
    assert rate.bitrate == 1_000_000
    for i in range(100):
        rate.update(Usage.NORMAL, 1_000_000, 0.05, False, 20 + i * 0.1)
    assert rate.bitrate == pytest.approx(1.5 * 1_000_000 + 10_000)


def lost(share, count=100):
    return [PacketResult(1000, i, None if i % 100 < 100 * share else i + 1.0) for i in range(count)]


@pytest.mark.parametrize(("share", "factor"), [(0.0, 1.0), (0.05, 1.0), (0.1, 1.0), (0.2, 0.9), (0.5, 0.75)])
def test_loss_above_a_tenth_lowers_by_half_of_it(share, factor):
    control = LossBasedControl()
    control.add(lost(share), 0)
    assert control.lost_share == pytest.approx(share)
    assert control.factor(0.1, 0) == pytest.approx(factor)
    control.on_decrease(0)
    assert control.factor(0.1, 0.1) == 1  # once in an interval


@pytest.mark.parametrize(
    ("acknowledged", "is_used", "rate"),
    [
        (None, True, 900_000),
        (800_000, True, 800_000),  # no more than arrives
        (800_000, False, 900_000),  # little arrives of little
        (1_200_000, True, 1_020_000),  # 0.85 of what arrives is carried
        (1_200_000, False, 1_020_000),
    ],
)
def test_what_arrives_is_carried_whatever_is_lost(acknowledged, is_used, rate):
    assert rate_after_loss(900_000, acknowledged, is_used) == pytest.approx(rate)


def test_a_few_packets_say_nothing_of_loss():
    control = LossBasedControl()
    control.add(lost(1.0, 5), 0)
    assert control.factor(0.1, 0) == 1


def test_the_queue_is_what_the_delay_has_above_its_least():
    queue = QueueDelay()
    for i in range(50):
        queue.add(i * 0.03, i * 0.03 + 1000.02)
    assert queue.seconds == pytest.approx(0, abs=1e-6)
    for i in range(50, 100):
        queue.add(i * 0.03, i * 0.03 + 1000.12)
    assert queue.seconds == pytest.approx(0.1, abs=1e-3)


@pytest.mark.parametrize(("step", "seconds"), [(3600.0, 0.0), (0.5, 0.7)])
def test_a_clock_that_is_set_makes_no_queue_for_long(step, seconds):
    queue = QueueDelay()
    waits = [queue.add(i * 0.03, i * 0.03 + 1000.02 + step * (i >= 50)) for i in range(100)]
    late = [i for i, wait in enumerate(waits) if wait > 1e-6]
    assert late == list(range(50, 50 + len(late)))
    assert len(late) * 0.03 == pytest.approx(seconds, abs=0.06)


def cluster(number, send_rate, receive_rate, count=10, size=1000):
    return [PacketResult(size, i * 8 * size / send_rate, 5 + i * 8 * size / receive_rate, number) for i in range(count)]


@pytest.mark.parametrize(
    ("send_rate", "receive_rate", "found"), [(2e6, 2e6, 2e6), (2e6, 1e6, 0.95e6), (2e6, 3e6, 2e6), (2e6, 9e6, None)]
)
def test_a_cluster_has_the_rate_at_which_it_got_through(send_rate, receive_rate, found):
    result = ProbeBitrateEstimator().add(cluster(1, send_rate, receive_rate))
    assert result == (None if found is None else pytest.approx(found))


def test_too_few_packets_of_a_cluster_say_nothing():
    assert ProbeBitrateEstimator().add(cluster(1, 2e6, 2e6, count=4)) is None


NEVER = float("inf")


def test_probes_at_the_start_then_after_a_drop_and_while_the_scene_needs_little():
    probes = ProbeController(800_000)
    first = probes.next(800_000, 10e6, NEVER, 0)
    assert first.bitrate == 2_400_000
    assert probes.next(800_000, 10e6, NEVER, 0.1) is None  # until it is known what came of it
    probes.on_result(2_400_000)
    assert probes.next(2_400_000, 10e6, NEVER, 0.2).bitrate == 4_800_000
    probes.on_result(1_000_000)
    assert probes.next(2_400_000, 10e6, NEVER, 1) is None
    assert probes.next(2_400_000, 10e6, 5.0, 6).bitrate == 4_800_000
    probes.on_result(1_000_000)
    probes.on_decrease(7)
    assert probes.next(500_000, 10e6, NEVER, 7.5) is None
    assert probes.next(500_000, 10e6, NEVER, 8.1).bitrate == 1_000_000


@pytest.mark.parametrize(("found", "met"), [(800_000, True), (1_600_000, True), (1_800_000, False)])
def test_a_cluster_of_which_less_than_seven_tenths_came_through_met_a_limit(found, met):
    probes = ProbeController(800_000)
    assert probes.next(800_000, 10e6, NEVER, 0).bitrate == 2_400_000
    probes.on_result(found)
    assert probes.met_limit is met


@pytest.mark.parametrize(("found", "result"), [(1_000_000, 1_000_000), (2_400_000, 2_400_000), (19e6, 2_400_000)])
def test_a_probe_finds_at_most_what_was_asked(found, result):
    """Of a cluster that is not all there yet a burst of media may arrive much faster, and what comes later as well."""
    probes = ProbeController(800_000)
    assert probes.next(800_000, 10e6, NEVER, 0).bitrate == 2_400_000
    assert probes.on_result(found) == result
    assert probes.on_result(found) == result


def test_nothing_is_probed_that_could_not_be_used():
    probes = ProbeController(800_000)
    assert probes.next(800_000, 1_000_000, NEVER, 0).bitrate == 1_000_000
    probes.on_result(1_000_000)
    assert probes.next(1_000_000, 1_000_000, 5.0, 60) is None
