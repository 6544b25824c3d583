"""The cross: the color under it, steady, and its name before and after the filter."""

from itertools import pairwise

import numpy as np
import pytest

from colorfilter import PRESETS, VISION, filter_image
from colorfilter.naming import color_name, color_names
from colorfilter.page.probe import SETTLED, Probe, SteadyColor

RED = (190, 40, 35)


def noisy(color, count, spread=6, seed=3):
    """Readings of a camera whose noise has that standard deviation after the mean over a few pixels."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield tuple(int(c) for c in (np.array(color) + rng.normal(0, spread, 3)).clip(0, 255).round())


def test_noise_changes_neither_the_name_nor_the_color_much():
    steady, names, colors = SteadyColor(), [], []
    for reading in noisy(RED, 60, spread=3):
        steady.read(reading)
        names.append(steady.name)
        colors.append(steady.color)
    assert set(names) == {"red"}
    assert np.abs(np.array(colors[10:]) - RED).max() < 8


def test_at_the_border_of_two_names_the_name_does_not_flicker():
    """On the way from brown to red where the name changes: readings alone change their name often."""
    start, end = (np.array(color_names()[name]) for name in ("brown", "red"))
    path = [tuple(np.rint(start + (end - start) * share).astype(int).tolist()) for share in np.linspace(0, 1, 200)]
    border = next(color for color in path if color_name(color) != "brown")
    readings = list(noisy(border, 80, spread=4))
    alone = [color_name(reading) for reading in readings]
    steady, shown = SteadyColor(), []
    for reading in readings:
        steady.read(reading)
        shown.append(steady.name)

    def changes(names):
        return sum(one != other for one, other in pairwise(names))

    assert changes(alone) > 10
    assert changes(shown) <= 2


def test_another_color_is_told_at_once():
    steady = SteadyColor()
    for color in (RED, RED, (25, 25, 27)):
        steady.read(color)
    assert steady.color == (25, 25, 27)
    assert steady.name == "black"
    assert not steady.settled
    steady.read((25, 25, 27))
    assert steady.settled


def test_it_is_said_when_it_has_settled_with_what_the_filter_makes_of_it():
    probe = Probe()
    for reading in range(SETTLED):
        assert probe.said == ""
        probe.read(RED, VISION["protan"])
        assert bool(probe.said) == (reading == SETTLED - 1)
    seen = filter_image(np.array([[RED]], np.uint8), VISION["protan"])[0, 0]
    assert probe.after.color == pytest.approx(tuple(seen), abs=1)
    assert probe.said == f"red; {color_name(tuple(seen.tolist()))} through the filter"


def test_one_name_is_said_once():
    probe = Probe()
    for _ in range(SETTLED):
        probe.read(RED, PRESETS["original"])
    assert probe.said == "red"


def test_a_moved_cross_starts_anew_and_stays_on_the_picture():
    probe = Probe()
    probe.read(RED, PRESETS["original"])
    probe.move(1.5, -1)
    assert probe.at == (1.0, 0.0)
    assert probe.before.name is None
    probe.read((25, 25, 27), PRESETS["original"])
    kept = probe.before
    probe.move(1.0, 0.0)
    assert probe.before is kept
