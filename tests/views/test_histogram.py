import re
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np

from colorfilter import PRESETS
from colorfilter.views.histogram import BINS, histograms


def bands(*colors):
    """Equal bands of the colors."""
    return np.repeat(np.array([colors], np.uint8), 4, axis=1).repeat(5, axis=0)


def test_shares_and_means_before_and_after():
    scope = histograms(bands((200, 100, 60), (0, 100, 255)), PRESETS["yellow"])
    assert scope.before.shape == scope.after.shape == (3, BINS)
    assert np.allclose(scope.before.sum(axis=1), 1)
    assert np.allclose(scope.after.sum(axis=1), 1)
    assert np.allclose(scope.before_means, [100, 100, 157.5])
    assert np.allclose(scope.after_means, [100, 100, 0])
    bins = [{200 // 8: 0.5, 0: 0.5}, {100 // 8: 1}, {60 // 8: 0.5, 255 // 8: 0.5}]
    for channel, want in enumerate(bins):
        assert {i: share for i, share in enumerate(scope.before[channel]) if share} == want
    assert {i: share for i, share in enumerate(scope.after[2]) if share} == {0: 1}  # yellow empties blue
    assert np.array_equal(scope.after[:2], scope.before[:2])


def test_the_words():
    scope = histograms(bands((84, 80, 71)), PRESETS["yellow"])
    assert scope.words() == "Before: red 84, green 80, blue 71; after: red 84, green 80, blue 0."


def test_the_drawing_has_a_bar_for_each_share_and_says_the_words():
    scope = histograms(bands((255, 0, 128), (255, 0, 128), (0, 0, 128)), PRESETS["pink"])
    html = scope.html()
    assert f'aria-label="{scope.words()}"' in html
    red = ElementTree.fromstring(unquote(re.findall('src="data:image/svg.xml,([^"]+)"', html)[0]))
    after, before = (path.get("d") for path in red)
    tops = [int(top) for top in re.findall(r"V(\d+)H", before)]
    assert len(tops) == BINS
    assert tops == [20] + [40] * (BINS - 2) + [0]  # of 40: half as many dark pixels as bright ones
    assert after == before + "Z"
    assert "Green 0 → <b>0</b>" in html
    assert "Blue 128 → <b>128</b>" in html
