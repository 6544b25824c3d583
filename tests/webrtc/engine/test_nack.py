"""Lost packets are asked for again until they come, and given up where a key frame is sooner. In simulated time."""

from colorfilter.webrtc.engine.nack import ABSENCE_S, GIVE_UP_S, MAX_GAP_PACKETS, MAX_MISSING_PACKETS, NackRequester

STEP_S = 0.04


def run(numbers, nack=None, start=0.0, step=STEP_S):
    """For each arrival what is asked for, or "given up"."""
    nack = nack or NackRequester()
    for index, number in enumerate(numbers):
        now = start + index * step
        yield "given up" if nack.add(number, now) else nack.due(now)


def test_a_lost_packet_is_asked_for_at_once_and_again_until_it_comes():
    """Each time twice, since what asks may be lost too."""
    asked = list(run([1, 3, 4, 5, 6, 7, 8, 2, 9, 10, 11]))
    assert asked == [[], [2], [2], [], [], [2], [2], [], [], [], []]


def test_what_is_asked_for_twice_is_so_at_least_10_ms_later_and_only_if_it_is_still_missing():
    assert list(run([1, 3, 4, 5, 6, 7, 8], step=0.004)) == [[], [2], [], [], [2], [], []]
    assert list(run([1, 3, 2, 4, 5, 6], step=0.004)) == [[], [2], [], [], [], []]


def test_one_more_is_asked_for_at_once_with_the_others():
    assert list(run([1, 3, 5])) == [[], [2], [2, 4]]


def test_a_packet_that_never_comes_is_given_up_within_a_second_or_so():
    results = list(run([1, *range(3, 60)]))
    assert results.index("given up") == 1 + round(GIVE_UP_S / STEP_S)
    assert results[-1] == []


def test_a_gap_after_an_absence_is_given_up_at_once():
    nack = NackRequester()
    assert list(run(range(10), nack)) == [[]] * 10
    back = 9 * STEP_S + ABSENCE_S + 0.01
    assert list(run([40, 41], nack, start=back)) == ["given up", []]


def test_a_pause_in_which_nothing_was_lost_is_none():
    nack = NackRequester()
    assert list(run([1, 2], nack)) == [[], []]
    assert list(run([3, 5], nack, start=10.0)) == [[], [4]]


def test_a_jump_that_nobody_can_fill_is_given_up_and_asks_for_nothing():
    last = 2 + MAX_GAP_PACKETS
    assert list(run([1, last])) == [[], list(range(2, last))]
    assert list(run([1, last + 1, last + 2])) == [[], "given up", []]


def test_what_nobody_waits_for_any_more_is_not_asked_for():
    nack = NackRequester()
    nack.add(1, 0.0)
    nack.add(6, 0.0)
    nack.forget_before(4)
    assert nack.due(0.0) == [4, 5]


def test_a_stream_that_begins_anew_at_a_lower_number_is_followed():
    assert list(run([70_000, 70_001, 500, 501, 503])) == [[], [], "given up", [], [502]]


def test_a_stream_full_of_holes_is_given_up():
    nack = NackRequester()
    results = list(run(range(0, 100_000, 100), nack, step=0.001))
    assert "given up" in results
    assert max(len(asked) for asked in results if asked != "given up") <= MAX_MISSING_PACKETS


def test_late_and_repeated_packets_leave_no_trace():
    assert list(run([5, 6, 3, 6, 6, 7])) == [[]] * 6


def test_numbers_that_jump_are_not_taken_for_thousands_of_lost_packets():
    nacks = NackRequester()
    for count in range(200):
        nacks.add(count * 20_000, count / 200)
        assert nacks.due(count / 200) == []
