"""Live video over lines with a real queue and on scenes that change, with margins for a machine that is busy.

`make bench-more` measures the same beside the stock page.
"""

import pytest

from bench.networks import SCENARIOS, watch

pytestmark = [pytest.mark.networks, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("networks")


def seen(name, folder):
    (viewer,) = watch("ours", SCENARIOS[name], folder)
    assert viewer.connections == 1
    return viewer


def test_a_scene_that_gets_hard_keeps_its_size_and_never_stands(folder):
    viewer = seen("scene720", folder)
    assert viewer.full() >= 0.97
    assert viewer.rate >= 25
    assert viewer.longest_gap < 0.5


def test_a_fall_of_the_line_brings_a_smaller_picture_and_its_end_the_full_one(folder):
    viewer = seen("fall", folder)
    assert viewer.rate >= 24
    assert viewer.longest_gap < 2
    assert viewer.lag < 0.6
    assert viewer.full(end=10) == 1
    assert viewer.full(start=14, end=22) < 0.1
    assert viewer.full(start=29) == 1  # the line is back at 24 s, and the first picture came within a second


def test_a_megabit_carries_480p_at_full_size(folder):
    viewer = seen("thin", folder)
    assert viewer.full() >= 0.97
    assert viewer.rate >= 25
    assert viewer.lag < 0.35


def test_a_mobile_line_is_followed(folder):
    viewer = seen("mobile1", folder)
    assert viewer.rate >= 25
    assert viewer.longest_gap < 1.2


def test_loss_without_a_queue_costs_neither_size_nor_pictures(folder):
    viewer = seen("loss3", folder)
    assert viewer.full() >= 0.95
    assert viewer.rate >= 24


def test_200_kbit_a_second_go_on(folder):
    viewer = seen("narrow", folder)
    assert viewer.rate >= 12
    assert viewer.lag < 1.5
