from dataclasses import FrozenInstanceError

import pytest

from colorfilter import PRESETS, VISION, ColorFilter
from colorfilter.views.options import COLOR_SHEET, VISION_SHEET, View, ViewOptions, sheet_of


def test_the_sheet_has_every_named_filter_that_changes_a_picture():
    assert [color_filter.name for color_filter in COLOR_SHEET] == ["red", "green", "blue", "yellow", "pink", "cyan"]


def test_unless_chosen_otherwise_the_whole_picture_is_shown_mirrored_and_as_it_came():
    assert ViewOptions() == ViewOptions(PRESETS["original"], mirror=True, view="filter", line=0.5, sheet=COLOR_SHEET)


def test_what_was_chosen_stays():
    with pytest.raises(FrozenInstanceError):
        ViewOptions().view = "compare"


def test_the_sheet_shows_the_set_at_hand():
    assert [one.name for one in VISION_SHEET] == ["normal", "protan", "deutan", "tritan"]
    assert VISION_SHEET[0].color == (255, 255, 255)
    assert {sheet_of(one) for one in VISION.values()} == {VISION_SHEET}
    assert {sheet_of(one) for one in PRESETS.values()} == {COLOR_SHEET}


def test_a_file_is_named_after_the_filter_or_the_sheet():
    assert ViewOptions(PRESETS["red"]).file_part == "red"
    assert ViewOptions(PRESETS["red"], view=View.COMPARE).file_part == "red"
    assert ViewOptions(ColorFilter.from_hex("#ff8800")).file_part == "ff8800"
    assert ViewOptions(PRESETS["red"], view=View.ALL).file_part == "all"
