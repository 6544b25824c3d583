"""How much time a picture may take, in simulated seconds."""

import pytest

from colorfilter.webrtc.encoding.effort import SCARCE_SHARE, Effort, EffortControl

INTERVAL = 1 / 30


def chosen(control, rate_share, seconds, frames=60):
    """The effort of each frame, where a fast picture takes so long, and a thorough one twice that."""
    efforts = []
    for _ in range(frames):
        efforts.append(control.choose(rate_share, INTERVAL))
        control.on_encoded(seconds * (2 if efforts[-1] is Effort.THOROUGH else 1))
    return efforts


@pytest.mark.parametrize(
    ("rate_share", "effort"), [(0.1, Effort.THOROUGH), (0.69, Effort.THOROUGH), (1.0, Effort.FAST)]
)
def test_more_time_is_taken_where_bits_are_scarce(rate_share, effort):
    assert set(chosen(EffortControl(), rate_share, 0.004)[20:]) == {effort}


def test_the_share_is_below_the_one_at_which_a_picture_is_sharp():
    assert 0.5 < SCARCE_SHARE < 1


@pytest.mark.parametrize("seconds", [0.009, 0.02, 0.2])
def test_a_machine_that_has_no_time_for_it_is_spared(seconds):
    """From the first frame on."""
    assert set(chosen(EffortControl(), 0.5, seconds)) == {Effort.FAST}


def test_when_the_machine_is_free_again_it_goes_on():
    control = EffortControl()
    busy, free = chosen(control, 0.5, 0.05), chosen(control, 0.5, 0.004)
    assert busy[-1] is Effort.FAST
    assert set(free[30:]) == {Effort.THOROUGH}
