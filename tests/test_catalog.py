import pytest

from colorfilter import PRESETS, VISION, ColorFilter
from colorfilter.catalog import FILTERS, filter_named


def test_the_colors_come_first_then_vision():
    assert list(FILTERS) == [*PRESETS, *VISION]
    assert [one.name for one in FILTERS.values()] == list(FILTERS)


def test_a_filter_by_name_or_by_color():
    assert filter_named("pink") is PRESETS["pink"]
    assert filter_named("deutan") is VISION["deutan"]
    assert filter_named("#FF8800") == ColorFilter("#ff8800", (255, 136, 0))


@pytest.mark.parametrize("text", ["", "purple", "Red", "ff8800", "#ff880", None])
def test_a_filter_that_there_is_not_is_refused_by_name(text):
    with pytest.raises(ValueError, match="#ff8800") as raised:
        filter_named(text)
    assert repr(text) in str(raised.value)
