from dataclasses import FrozenInstanceError

import pytest

from colorfilter import PRESETS
from colorfilter.views.options import SIX, ViewOptions


def test_the_sheet_has_every_named_filter_that_changes_a_picture():
    assert [color_filter.name for color_filter in SIX] == ["red", "green", "blue", "yellow", "pink", "cyan"]


def test_unless_chosen_otherwise_the_whole_picture_is_shown_mirrored_and_as_it_came():
    assert ViewOptions() == ViewOptions(PRESETS["original"], mirror=True, view="filter", line=0.5, six=SIX)


def test_what_was_chosen_stays():
    with pytest.raises(FrozenInstanceError):
        ViewOptions().view = "compare"
