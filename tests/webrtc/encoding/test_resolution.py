"""The size and the frame rate for a bit rate: slow to change, and back soon after a limit ends."""

import pytest

from colorfilter.webrtc.encoding.resolution import STEPS, ResolutionLadder, coarse_rate, full_rate


def run(ladder, bitrates, start=0.0):
    """The sizes after each 1/30 s at these rates, given as (seconds, bits a second)."""
    now, sizes = start, []
    for seconds, bitrate in bitrates:
        for _ in range(round(seconds * 30)):
            now += 1 / 30
            ladder.update(bitrate, now)
            sizes.append(ladder.size)
    return sizes


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (1920, 1080), (641, 479)])
def test_at_the_full_rate_the_picture_has_its_size(size):
    assert set(run(ResolutionLadder(*size), [(5, full_rate(*size))])) == {size}


def test_480p_is_full_size_at_a_megabit():
    assert set(run(ResolutionLadder(640, 480), [(60, 1_000_000)])) == {(640, 480)}


@pytest.mark.parametrize(("seconds", "rate"), [(0.3, 200_000), (0.5, 600_000), (1.0, 600_000), (1.4, 600_000)])
def test_a_short_fall_of_the_rate_changes_nothing(seconds, rate):
    assert set(run(ResolutionLadder(1280, 720), [(2, 2_000_000), (seconds, rate), (2, 2_000_000)])) == {(1280, 720)}


def test_a_fall_below_half_of_the_need_counts_sooner_and_at_once_if_a_key_frame_is_due():
    sizes = run(ResolutionLadder(1280, 720), [(2, 2_000_000), (1, 400_000)])
    assert sizes[70] == (1280, 720)
    assert sizes[75] != (1280, 720)
    ladder = ResolutionLadder(1280, 720)
    run(ladder, [(2, 2_000_000)])
    ladder.update(900_000, 2.03)
    assert ladder.size == (1280, 720)
    ladder.update(900_000, 2.06, key_frame_due=True)
    assert ladder.size != (1280, 720)


def test_a_limit_that_lasts_shrinks_the_picture_at_once_to_what_it_carries():
    sizes = run(ResolutionLadder(1280, 720), [(2, 2_000_000), (10, 200_000)])
    changed = next(i for i, size in enumerate(sizes) if size != (1280, 720))
    assert 2 + 0.4 <= changed / 30 <= 2 + 0.6
    assert len(set(sizes)) == 2
    width, height = sizes[-1]
    assert coarse_rate(width, height) <= 200_000
    assert width / height == pytest.approx(16 / 9, rel=0.01)


def test_it_is_back_at_full_size_within_five_seconds():
    sizes = run(ResolutionLadder(1280, 720), [(2, 2_000_000), (10, 200_000), (5, 2_000_000)])
    assert sizes[-1] == (1280, 720)


def test_with_a_rate_that_climbs_it_follows_within_five_seconds_of_enough():
    climb = [(0.5, round(200_000 * 1.3**i)) for i in range(10)]
    sizes = run(ResolutionLadder(1280, 720), [(5, 200_000), *climb, (2, 2_000_000)])
    assert sizes[-1] == (1280, 720)


def test_a_rate_that_swings_about_a_limit_does_not_swing_the_size():
    needed = coarse_rate(1280, 720)
    swing = [(0.4, round(needed * share)) for share in (1.1, 0.9) * 40]
    assert len(set(run(ResolutionLadder(1280, 720), swing))) == 1
    ladder = ResolutionLadder(1280, 720)
    sizes = run(ladder, [(3, round(needed * 0.95)), *swing])
    assert len(set(sizes[90:])) == 1


def test_every_second_frame_goes_when_the_smallest_size_is_too_much_and_comes_back():
    ladder = ResolutionLadder(640, 480)
    least = coarse_rate(160, 120)
    run(ladder, [(4, round(0.8 * least))])
    assert ladder.size == (160, 120)
    assert ladder.half_frame_rate
    run(ladder, [(4, round(1.05 * least))], start=4)
    assert ladder.half_frame_rate  # not by a margin yet
    run(ladder, [(4, round(1.3 * least))], start=8)
    assert not ladder.half_frame_rate


def test_no_size_is_odd_but_the_full_one():
    for bitrate in range(20_000, 3_000_000, 50_000):
        ladder = ResolutionLadder(1278, 718)
        run(ladder, [(3, bitrate)])
        assert ladder.size == (1278, 718) or not any(side % 2 for side in ladder.size)
        assert ladder.size[0] >= 1278 * STEPS[-1][0] - 1


def test_a_scene_whose_frames_are_too_large_gets_a_smaller_picture_and_the_larger_one_is_tried_again():
    ladder, rate, now = ResolutionLadder(640, 480), 400_000, 0.0
    heights = []
    for seconds, bits in ((10, 4 * rate / 30), (150, rate / 30)):
        for _ in range(seconds * 30):
            now += 1 / 30
            ladder.on_frame(round(bits), rate, now)
            ladder.update(rate, now)
        heights.append(ladder.size[1])
    assert heights[0] < 360
    assert heights[1] == 480


@pytest.mark.parametrize("bits", [0, 400_000])
def test_what_fails_for_less_than_a_second_is_no_hard_scene(bits):
    ladder, rate, now = ResolutionLadder(640, 480), 400_000, 0.0
    for count in range(300):
        now += 1 / 30
        ladder.on_frame(bits if 100 <= count < 115 else rate // 30, rate, now)
        ladder.update(rate, now)
        assert ladder.size == (640, 480)
