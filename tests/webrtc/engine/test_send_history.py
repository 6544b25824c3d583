"""What became of packets, as feedback tells it: in order, again, too late, or of what was never sent."""

from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorfilter.webrtc.engine.send_history import SendHistory
from colorfilter.webrtc.engine.transport_feedback import Arrivals, parse_transport_feedback
from tests.webrtc.engine.test_transport_feedback import packet


def test_results_are_in_the_order_of_sending_and_each_arrival_counts_once():
    history = SendHistory()
    numbers = [history.take_number() for _ in range(3)]
    for number in numbers:
        history.on_sent(number, 1000 + number, 10.0 + number, None)
    feedback = parse_transport_feedback(packet(0, 3, 1, pack("!HBB", 0b11 << 14 | 1 << 12 | 0 << 10 | 1 << 8, 0, 4)))
    results = history.results(feedback)
    assert [result.size for result in results] == [1000, 1001, 1002]
    assert [result.arrived for result in results] == [pytest.approx(0.064), None, pytest.approx(0.065)]
    assert history.results(feedback) == []  # what is told again


def test_one_that_was_told_to_be_lost_may_arrive_later():
    history = SendHistory()
    history.on_sent(history.take_number(), 1000, 10.0, None)
    lost, arrives = (parse_transport_feedback(packet(0, 1, 1, pack("!HB", symbols, 0))) for symbols in (1, 1 << 13 | 1))
    assert [result.arrived for result in history.results(lost)] == [None]
    assert [result.arrived for result in history.results(arrives)] == [pytest.approx(0.064)]


def test_numbers_and_the_receivers_clock_wrap_around():
    history = SendHistory()
    for _ in range(65540):
        number = history.take_number()
        history.on_sent(number, 1000, 0.0, None)
    assert number == 3
    one = pack("!HB", 1 << 13 | 1, 0)
    (before,) = history.results(parse_transport_feedback(packet(2, 1, (1 << 24) - 1, one)))
    (after,) = history.results(parse_transport_feedback(packet(3, 1, 0, one)))
    assert after.arrived - before.arrived == pytest.approx(0.064)


def test_what_was_never_sent_says_nothing():
    feedback = parse_transport_feedback(packet(7, 1, 0, pack("!HB", 1 << 13 | 1, 0)))
    assert SendHistory().results(feedback) == []


def sent_history(count):
    """A history of packets 0, 1, ..., of 1000, 1001, ... bytes."""
    history = SendHistory()
    for number in range(count):
        history.on_sent(history.take_number(), 1000 + number, number / 100, None)
    return history


def losses(base, count):
    return parse_transport_feedback(packet(base, count, 0, pack("!H", count)))


def test_thousands_that_were_never_sent_are_no_losses():
    history = sent_history(3)
    assert history.results(losses(3, 8191)) == []
    assert [result.size for result in history.results(losses(0, 8191))] == [1000, 1001, 1002]
    number = history.take_number()
    history.on_sent(number, 1003, 1.0, None)  # one of those that were told to be lost before they were sent
    assert [(result.size, result.arrived) for result in history.results(losses(number, 1))] == [(1003, None)]


def test_the_last_4096_are_remembered():
    history = sent_history(4100)
    assert [result.size for result in history.results(losses(0, 4100))] == list(range(1004, 5100))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 19), st.lists(st.booleans(), min_size=1, max_size=20)), max_size=20))
def test_each_packet_is_lost_once_at_most_and_then_arrives_once_at_most(feedbacks):
    """Whatever is told: again, in any order, or of the last ones, which were not sent."""
    history, told_lost, arrived = sent_history(20), set(), set()
    for base, statuses in feedbacks:
        expected = []
        for number, arrives in enumerate(statuses, base):
            if number < 20 and number not in arrived and (arrives or number not in told_lost):
                expected.append((1000 + number, 5.0 if arrives else None))
                (arrived if arrives else told_lost).add(number)
        told = Arrivals(base, len(statuses), {offset: 5.0 for offset, arrives in enumerate(statuses) if arrives})
        assert [(result.size, result.arrived) for result in history.results(told)] == expected
