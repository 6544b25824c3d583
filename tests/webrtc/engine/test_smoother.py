"""When pictures are due: at once on a good network, evenly on one that loses packets."""

import pytest

from colorfilter.webrtc.engine.smoother import MAX_HOLD_S, Smoother

START = 1000.0  # the arrival of the first picture; its time stamp is 0


def arriving(*batches):
    """A smoother after batches of (seconds of the first picture's time stamp, lateness, whether others came too)."""
    smoother = Smoother()
    for at, late, is_batch in batches:
        smoother.add(round(90_000 * at), START + at + late, is_batch)
    return smoother


def even(seconds):
    return [(i / 30, 0.0, False) for i in range(30 * seconds)]


def lossy(start, seconds, late=0.1):
    """Every fifth picture waits for a packet, and the next three with it."""
    return [(start + i / 30, late if i % 5 == 0 else 0.0, i % 5 == 0) for i in range(30 * seconds) if i % 5 in (0, 4)]


def test_a_good_network_holds_nothing():
    smoother = arriving(*even(5))
    assert smoother.hold is None
    assert smoother.due(0) == float("-inf")


def test_a_loss_now_and_then_holds_nothing():
    assert arriving(*even(5), (5.0, 0.1, True), (6.0, 0.1, True)).hold is None


def test_many_losses_hold_each_picture_for_half_as_long_again_as_batches_usually_are_late():
    smoother = arriving(*even(2), *lossy(2, 8))
    assert smoother.hold == pytest.approx(0.15)
    for at in (10.0, 10.0 + 1 / 30, 10.0 + 2 / 30):
        assert smoother.due(round(90_000 * at)) == pytest.approx(START + at + 0.15, abs=0.001)


def test_the_few_that_had_to_be_asked_for_twice_are_not_waited_for():
    """One batch in six is later than the others."""
    often = lossy(2, 8)
    batches = [i for i, (_, _, is_batch) in enumerate(often) if is_batch]
    for i in batches[::6]:
        often[i] = (often[i][0], 0.25, True)
    assert arriving(*even(2), *often).hold == pytest.approx(0.15)


def test_parity_is_given_five_seconds_in_which_nothing_is_held():
    assert arriving(*lossy(0, 5)).hold is None
    assert arriving(*lossy(0, 6)).hold == pytest.approx(0.15)


def test_where_parity_leaves_two_in_a_second_nothing_is_ever_held():
    fewer = [(2 + i / 30, 0.1 if i % 16 == 0 else 0.0, i % 16 == 0) for i in range(300)]
    smoothers = [arriving(*lossy(0, 2), *fewer[:count]) for count in range(0, 300, 10)]
    assert [smoother.hold for smoother in smoothers] == [None] * 30


def test_nothing_is_held_for_longer_than_the_most():
    assert arriving(*even(2), *lossy(2, 8, late=0.9)).hold == MAX_HOLD_S


def test_it_ends_with_the_losses():
    late = [(10 + i / 30, 0.0, False) for i in range(150)]
    assert arriving(*even(2), *lossy(2, 8), *late).hold is None
