"""The bucket of bits: what is left out, and how far the quantizer may fall."""

import pytest

from colorfilter.webrtc.encoding.bit_budget import BitBudget

BITRATE, FRAME = 900_000, 30_000  # bits a second and a frame


def fed(sizes, quantizer=20):
    """Which frames of 1/30 s are taken when those taken have these sizes, in average frames; the budget after them."""
    budget, taken = BitBudget(), []
    for i, size in enumerate(sizes):
        taken.append(budget.admit(BITRATE, i / 30))
        if taken[-1]:
            budget.on_encoded(round(size * FRAME), quantizer, BITRATE)
    return taken, budget


def test_frames_of_the_average_size_are_all_taken():
    assert all(fed([1] * 300)[0])


def test_one_frame_six_times_the_average_is_forgiven():
    assert all(fed([6, 1, 1, 1, 0.5] * 5)[0][:2])


def test_frames_twice_too_large_lose_every_second_one():
    taken, _ = fed([2] * 300)
    assert sum(taken[60:]) == pytest.approx(120, abs=2)


def test_never_are_more_than_three_left_out_in_a_row():
    taken, _ = fed([30] * 60)
    assert "TFFFTFFFT" in "".join("T" if once else "F" for once in taken)
    assert "FFFF" not in "".join("T" if once else "F" for once in taken)


def test_the_quantizer_falls_slowly_and_rises_with_the_debt():
    assert fed([1])[1].min_quantizer == 19
    assert fed([1], quantizer=60)[1].min_quantizer == 55
    assert fed([4])[1].min_quantizer == 22
    assert fed([1], quantizer=2)[1].min_quantizer == 2
    assert fed([9], quantizer=63)[1].min_quantizer == 63


def test_after_a_cut_the_next_frame_is_as_coarse_as_can_be():
    budget = BitBudget()
    budget.on_scene_cut()
    assert budget.min_quantizer == 63


def test_a_pause_pays_the_debt():
    _, budget = fed([9])
    assert not budget.admit(BITRATE, 0.03)
    assert budget.admit(BITRATE, 60.0)
