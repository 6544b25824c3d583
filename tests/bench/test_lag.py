"""The bench's lag: from frame numbers that come round again, also where the camera skips most of them."""

import numpy as np
import pytest

from bench.lag import CLOCK, lags

PERIOD, INTERVAL, FRAMES = 3.0, 1 / 30, 90
LAG = 0.4  # seconds


def seen(share, seed, seconds=30.0):
    """What a camera gave of which the page saw a share, and what came back LAG later, of which it saw a share too."""
    rng = np.random.default_rng(seed)
    frames = [(i * INTERVAL, i % FRAMES) for i in range(round(seconds / INTERVAL))]
    sent = [frame for frame in frames if rng.random() < share]
    stamped = [(at + LAG, number, round(at * CLOCK) % (1 << 32)) for at, number in frames]
    return sent, [frame for frame in stamped if rng.random() < share]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("share", [1.0, 0.5, 0.2])
def test_the_lag_of_every_frame_is_found(share, seed):
    sent, shown = seen(share, seed)
    found = lags(sent, shown, PERIOD)
    assert len(found) >= 0.5 * share * len(shown)
    assert [lag for _, lag in found] == pytest.approx([LAG] * len(found))


def test_a_picture_shown_in_a_later_round_than_its_own_counts_as_that_late():
    sent, shown = seen(1.0, 0)
    late = [(at + PERIOD, number, stamp) for at, number, stamp in shown[150:]]
    found = lags(sent, shown[:150] + late, PERIOD)
    assert max(lag for _, lag in found) == pytest.approx(LAG + PERIOD)
