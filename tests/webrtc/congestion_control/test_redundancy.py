"""Each packet twice: from 2.2 times what the media can use on, until less than 2.0; a pause after a decrease."""

import pytest

from colorfilter.webrtc.congestion_control.redundancy import RedundancyControl

FULL = 2_000_000


def carrying(share=2.5, now=100.0):
    """A control under which each packet is sent twice, on a network that carries so many times the media."""
    control = RedundancyControl()
    control.update(True, share * FULL, FULL, now)
    assert control.is_carried(share * FULL, FULL)
    return control


@pytest.mark.parametrize(
    ("wanted", "share", "carried"), [(True, 2.2, True), (True, 2.19, False), (True, 1.0, False), (False, 5.0, False)]
)
def test_it_begins_where_it_is_wanted_and_carried(wanted, share, carried):
    control = RedundancyControl()
    assert not control.is_wanted
    assert not control.is_carried(share * FULL, FULL)
    control.update(wanted, share * FULL, FULL, 100.0)
    assert control.is_wanted is wanted
    assert control.is_carried(share * FULL, FULL) is carried


def test_it_ends_below_the_share_at_which_it_would_not_begin():
    control = RedundancyControl()
    for share, carried in ((2.1, False), (2.25, True), (2.1, True), (1.9, False), (2.1, False)):
        control.update(True, share * FULL, FULL, 100.0)
        assert control.is_carried(share * FULL, FULL) is carried


def test_it_stops_with_the_rate_and_not_only_with_the_next_feedback():
    control = carrying()
    assert control.is_carried(2.0 * FULL, FULL)
    assert not control.is_carried(1.99 * FULL, FULL)


def test_it_ends_with_the_losses():
    control = carrying()
    control.update(False, 2.5 * FULL, FULL, 101.0)
    assert not control.is_wanted
    assert not control.is_carried(2.5 * FULL, FULL)


def test_it_pauses_for_five_seconds_after_the_network_has_become_slower_under_it():
    control = carrying()
    control.on_decrease(101.0)
    assert control.is_wanted
    assert not control.is_carried(2.5 * FULL, FULL)
    for now, carried in ((101.1, False), (105.9, False), (106.1, True)):
        control.update(True, 2.5 * FULL, FULL, now)
        assert control.is_carried(2.5 * FULL, FULL) is carried


def test_a_decrease_without_it_makes_no_pause():
    control = RedundancyControl()
    control.on_decrease(101.0)
    control.update(True, 2.5 * FULL, FULL, 101.1)
    assert control.is_carried(2.5 * FULL, FULL)


def searches(control, count):
    """The intervals before so many probes."""
    intervals = []
    for _ in range(count):
        intervals.append(control.search_interval_s)
        control.on_probe()
    return intervals


def test_it_is_looked_for_soon_and_then_more_and_more_seldom():
    control = RedundancyControl()
    control.on_probe()  # at the start, before anything is known of losses
    control.update(True, 1.5 * FULL, FULL, 100.0)
    assert searches(control, 6) == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    control.update(False, 1.5 * FULL, FULL, 120.0)
    control.update(True, 1.5 * FULL, FULL, 130.0)
    assert searches(control, 2) == [0.5, 1.0]


def test_where_the_network_has_become_slower_under_it_it_is_looked_for_seldom():
    control = carrying()
    control.on_decrease(101.0)
    control.update(True, 1.5 * FULL, FULL, 101.1)
    assert searches(control, 2) == [5.0, 5.0]
