"""The controller on simulated links: the rows that live video has to hold, each for the reason beside it."""

import itertools

import pytest

from colorfilter.webrtc.congestion_control import MIN_BITRATE, START_BITRATE, PacketResult, RateController
from tests.support.bottleneck_simulation import Flow, Link, percentile, run, steps

FULL_480P, FULL_720P = 900_000, 2_073_600


def targets(flow, start, end=float("inf")):
    return [target for at, target in flow.targets if start <= at < end]


def lags(flow, start, end=float("inf")):
    return [lag for at, lag in flow.lags if start <= at < end]


def soft_and_detailed(now):
    return 0.05 if now % 8 < 4 else 1.0


def test_it_starts_carefully_and_reaches_the_full_rate_within_two_seconds():
    (flow,) = run([Flow(Link(lambda now: 20e6), FULL_720P)], 5)
    assert flow.targets[0][1] == START_BITRATE
    assert min(targets(flow, 2)) == FULL_720P


def test_a_scene_that_needs_little_is_no_limit():
    """What the network carries is known before the next scene needs it."""
    (flow,) = run([Flow(Link(lambda now: 20e6, delay=0.001), FULL_720P, soft_and_detailed)], 30)
    assert min(targets(flow, 1)) == FULL_720P
    assert not flow.controller.limited_by_network


def test_the_rate_stays_below_a_bottleneck_of_which_the_scene_needs_all_only_at_times():
    (flow,) = run([Flow(Link(lambda now: 1.5e6, delay=0.02), FULL_720P, soft_and_detailed)], 40)
    assert percentile(targets(flow, 5), 0.5) > 1_000_000
    assert percentile(lags(flow, 5), 0.95) < 0.2


@pytest.mark.parametrize("loss", [0.01, 0.03, 0.05])
def test_loss_without_a_queue_never_slows_down(loss):
    (flow,) = run([Flow(Link(lambda now: 8e6, delay=0.04, loss=loss), FULL_720P)], 30)
    assert min(targets(flow, 3)) == FULL_720P


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("loss", [0.03, 0.05])
@pytest.mark.parametrize("rate", [5e6, 8e6])
def test_with_losses_each_packet_is_sent_twice_where_the_line_carries_it(rate, loss, seed):
    """Of a frame's eight packets one is missing in one frame of three to five, then in one of fifty or more."""
    (flow,) = run([Flow(Link(lambda now: rate, delay=0.04, loss=loss, seed=seed), FULL_720P)], 30)
    assert flow.redundant[0] < 3.5
    whole = [at for at in flow.redundant if at > 7]
    assert len(whole) > 0.95 * 23 * 30
    assert sum(at > 7 for at in flow.broken) < 0.03 * 23 * 30
    assert min(targets(flow, 3)) == FULL_720P
    assert percentile(lags(flow, 7), 0.95) < 0.04 + 0.05


def test_what_is_sent_twice_ends_with_the_losses():
    link = Link(lambda now: 8e6, loss=0.05)
    flow = Flow(link, FULL_720P)
    flow.scene = lambda now: setattr(link, "loss", 0.05 if now < 15 else 0.0) or 1.0
    run([flow], 30)
    assert 14.9 < max(flow.redundant) < 19
    assert flow.redundant[0] < 3.5
    assert flow.controller.estimate <= 1.5 * FULL_720P


@pytest.mark.parametrize("line", [Link(lambda now: 4e6, loss=0.05), Link(lambda now: 1.5e6), Link(lambda now: 20e6)])
def test_nothing_is_sent_twice_where_little_is_lost_or_the_line_does_not_carry_it(line):
    (flow,) = run([Flow(line, FULL_720P)], 40)
    assert flow.redundant == []


def test_a_line_that_almost_carries_twice_as_much_is_probed_more_and_more_seldom():
    (flow,) = run([Flow(Link(lambda now: 2.15 * FULL_720P, delay=0.02, queue=0.3, loss=0.05), FULL_720P)], 15)
    assert len({number for *_, number in flow.packets} - {None}) <= 10


@pytest.mark.parametrize("share", [1.4, 2.0, 2.1, 2.2, 2.3, 2.4, 2.6])
def test_whether_a_line_carries_twice_as_much_is_found_out_with_few_probes(share):
    """And is not changed one's mind about: at the limit, as far below and above it."""
    (flow,) = run([Flow(Link(lambda now: share * FULL_720P, delay=0.02, queue=0.3, loss=0.05), FULL_720P)], 40)
    probes = {number: sent for sent, _, _, number in reversed(flow.packets) if number is not None}
    assert sum(20 < sent < 40 for sent in probes.values()) <= 12
    changes = sum(later - before > 0.1 for before, later in itertools.pairwise(flow.redundant))
    assert changes <= 4
    assert min(targets(flow, 5)) > 0.6 * FULL_720P


def test_two_viewers_on_a_line_that_loses_leave_each_other_their_part():
    link = Link(lambda now: 8e6, queue=0.3, loss=0.05)
    flows = run([Flow(link, FULL_720P), Flow(link, FULL_720P)], 60)
    assert min(percentile(targets(flow, 10), 0.1) for flow in flows) > 0.9 * FULL_720P
    assert max(percentile(lags(flow, 10), 0.95) for flow in flows) < 0.2


def test_a_line_just_above_the_full_rate_is_used_with_a_short_queue():
    (flow,) = run([Flow(Link(lambda now: 1e6), FULL_480P)], 60)
    assert percentile(targets(flow, 5), 0.05) > 0.65 * FULL_480P  # while the queue of a probe is emptied
    assert percentile(targets(flow, 5), 0.5) > 0.9 * FULL_480P
    assert percentile(lags(flow, 5), 0.95) < 0.25


@pytest.mark.parametrize("link", [1e6, 2e6, 3e6])
@pytest.mark.parametrize("start", [300_000, 5_000_000])
def test_what_a_line_carries_is_known_to_within_five_percent_in_five_seconds(start, link):
    """From then on the estimate goes up and down below it, as AIMD does: to 0.7 to 0.85 of it in the median."""
    flow, estimates = Flow(Link(lambda now: link), 20_000_000), []
    flow.controller._aimd.set(start)
    flow.scene = lambda now: estimates.append((now, flow.controller.estimate)) or 1.0
    run([flow], 12)
    assert next(at for at, estimate in estimates if abs(estimate - link) <= 0.05 * link) < 5
    assert percentile([estimate for at, estimate in estimates if at > 5], 0.5) > 0.7 * link


def test_a_fall_to_a_tenth_drains_its_queue_within_one_and_a_half_seconds():
    (flow,) = run([Flow(Link(steps((0, 5e6), (15, 500e3)), queue=0.2), FULL_720P)], 30)
    assert max(lags(flow, 15, 16)) > 0.15
    assert min(lags(flow, 15.5, 16.5)) < 0.1
    assert percentile(lags(flow, 16.5), 0.95) < 0.1


def test_a_demand_of_ten_times_after_twenty_seconds_of_little_slows_nothing_down():
    (flow,) = run([Flow(Link(lambda now: 20e6), FULL_720P, lambda now: 0.1 if now < 21 else 1.0)], 35)
    assert min(targets(flow, 1)) == FULL_720P


@pytest.mark.parametrize("start", [5, 15])
def test_a_second_without_feedback_halves_the_rate_at_most_and_for_a_second(start):
    flow = Flow(Link(lambda now: 5e6), FULL_720P)
    feedback = flow.feedback
    flow.feedback = lambda now: None if start <= now < start + 1 else feedback(now)
    run([flow], 30)
    assert min(targets(flow, 3)) >= FULL_720P / 2
    assert min(targets(flow, start + 2)) == FULL_720P


@pytest.mark.parametrize("queue", [0.2, 0.5])
def test_a_fall_is_answered_within_300_ms_and_its_end_found_within_three_seconds(queue):
    line = steps((0, 5e6), (15, 400e3), (27, 5e6))
    (flow,) = run([Flow(Link(line, queue=queue), FULL_720P)], 40)
    first_below = next(at for at, target in flow.targets if at > 15 and target < FULL_720P)
    # The feedback comes every 100 ms; the queue grows from the fall on.
    assert first_below - 15 <= 0.3
    assert percentile(targets(flow, 17, 27), 0.5) < 400_000
    assert percentile(lags(flow, 5), 0.95) < 0.6
    assert next(at for at, target in flow.targets if at > 27 and target >= 0.9 * FULL_720P) - 27 < 3


@pytest.mark.parametrize("seed", range(6))
def test_a_mobile_line_is_followed(seed):
    """0.6 to 5 Mbit/s, another rate every two seconds."""
    import random

    rates = random.Random(seed)
    line = steps(*((2 * i, rates.uniform(0.6e6, 5e6)) for i in range(30)))
    (flow,) = run([Flow(Link(line, queue=0.3, seed=seed), FULL_720P)], 60)
    assert percentile(lags(flow, 3), 0.95) < 0.25
    assert percentile(targets(flow, 3), 0.5) > 0.6 * FULL_720P
    carried = sum(min(FULL_720P, line(at)) for at, _ in flow.targets if at >= 3)
    assert sum(targets(flow, 3)) > 0.5 * carried


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_feedback_that_is_lost_is_no_limit(share):
    (flow,) = run([Flow(Link(lambda now: 20e6), FULL_720P, feedback_loss=share)], 30)
    assert min(targets(flow, 3)) == FULL_720P


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_a_fall_is_answered_where_feedback_is_lost(share):
    line = steps((0, 5e6), (15, 400e3))
    (flow,) = run([Flow(Link(line), FULL_720P, feedback_loss=share)], 30)
    assert next(at for at, target in flow.targets if at > 15 and target < FULL_720P) - 15 <= 1.0
    assert percentile(targets(flow, 18), 0.5) < 400_000


@pytest.mark.parametrize("step", [-3600.0, -0.5, 0.5, 3600.0])
def test_a_receivers_clock_that_is_set_costs_five_seconds_at_most(step):
    (flow,) = run([Flow(Link(lambda now: 20e6), FULL_720P, clock=lambda now: now + step * (now > 15))], 60)
    assert min(targets(flow, 3, 15)) == FULL_720P
    assert min(targets(flow, 20)) == FULL_720P


def test_200_kbit_a_second_goes_on():
    (flow,) = run([Flow(Link(lambda now: 200e3, queue=0.5), FULL_720P)], 60)
    assert percentile(lags(flow, 5), 0.95) < 1.0
    assert 120_000 < percentile(targets(flow, 5), 0.5) < 200_000


def test_two_viewers_share_a_line():
    link = Link(lambda now: 3e6, queue=0.3)
    flows = run([Flow(link, FULL_720P), Flow(link, FULL_720P)], 60)
    means = [sum(targets(flow, 15)) / len(targets(flow, 15)) for flow in flows]
    assert min(means) > 1e6 - 100_000
    assert max(percentile(lags(flow, 15), 0.95) for flow in flows) < 0.4


def test_silence_while_sending_lowers_the_rate_and_never_below_the_least():
    controller = RateController()
    controller.target_bitrate(FULL_720P, 0)
    controller.on_sent(1000, 0.0)
    controller.on_feedback([PacketResult(1000, 0.0, 5.0)], 0.05)
    before, now = controller.estimate, 0.1
    while now < 20:
        controller.on_sent(1000, now)
        controller.next_probe(now)
        now += 0.02
        if 0.6 < now < 0.9:
            assert controller.estimate <= before
    assert controller.target_bitrate(FULL_720P, now) == MIN_BITRATE


def test_remb_above_what_is_sent_or_a_little_below_changes_nothing():
    """A browser's REMB trails what it lately received."""
    controller = RateController()
    for i in range(100):
        now = i * 0.01
        controller.on_sent(700, now)  # 560 kbit/s
        controller.on_remb(540_000, now)
    assert controller.target_bitrate(FULL_720P, 1) == START_BITRATE
    controller.on_remb(300_000, 1.0)
    assert controller.target_bitrate(FULL_720P, 1) == 300_000


def test_remb_counts_no_more_once_there_is_feedback_on_each_packet():
    controller = RateController()
    controller.on_sent(1000, 0.0)
    controller.on_feedback([PacketResult(1000, 0.0, 5.0)], 0.05)
    controller.on_remb(100_000, 0.1)
    assert controller.target_bitrate(FULL_720P, 0.1) == START_BITRATE


@pytest.mark.parametrize("rtt", [-5.0, -0.001, 3600.0])
def test_a_round_trip_that_cannot_be_is_ignored(rtt):
    controller = RateController()
    before = controller._rtt
    controller.on_rtt(rtt, 0)
    assert controller._rtt == before


def test_headers_and_what_is_sent_again_leave_the_media_the_rest_of_the_rate():
    controller = RateController()
    for count in range(1000):
        controller.on_sent(1000, count / 100, 800)
        controller.on_sent(300, count / 100)  # a probe, which is no part of it
    assert controller.target_bitrate(10**9, 10.0) == pytest.approx(0.8 * controller.estimate, rel=0.01)
    for count in range(1000):
        controller.on_sent(1000, 10 + count / 100, 0)
    assert controller.target_bitrate(10**9, 20.0) == pytest.approx(0.6 * controller.estimate, rel=0.01)


def test_the_encoders_thread_asks_without_the_packets_that_the_event_loop_notes(monkeypatch):
    """A deque that one thread changes while another goes through it raises."""
    controller = RateController()
    controller.on_sent(1200, 0.0, 1100)
    monkeypatch.setattr(controller, "_sent", None)
    assert controller.target_bitrate(10**9, 0.1) > 0
