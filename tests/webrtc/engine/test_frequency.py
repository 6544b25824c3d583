"""Frequent or not: in simulated time."""

import pytest

from colorfilter.webrtc.engine.frequency import Frequency


def after(frequency, each_second, start, seconds):
    """`is_high` at the end of so many seconds with that many events in each, evenly."""
    for i in range(20 * seconds):
        events = (i + 1) * each_second // 20 - i * each_second // 20
        frequency.update(events, start + i / 20)
    return frequency.is_high


@pytest.mark.parametrize(("each_second", "high"), [(0, False), (2, False), (4, True), (40, True)])
def test_from_many_a_second_on(each_second, high):
    assert after(Frequency(3, 1), each_second, 0, 5) is high


def test_it_stays_until_they_are_few():
    frequency = Frequency(3, 1)
    assert after(frequency, 5, 0, 5)
    assert after(frequency, 2, 5, 5)
    assert not after(frequency, 0, 10, 4)
    assert not after(frequency, 2, 14, 5)


def test_many_within_the_first_second_are_frequent_and_one_is_not():
    frequency = Frequency(3, 1)
    assert not frequency.update(1, 100.0)
    assert not frequency.update(1, 100.5)
    assert frequency.update(1, 100.9)


def test_a_burst_long_ago_counts_no_more():
    frequency = Frequency(3, 1)
    assert frequency.update(20, 0.0)
    assert not frequency.update(0, 3.1)
