import pytest

from colorfilter.clips.options import ClipOptions


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"start": -1.0}, "from a second of 0"),
        ({"start": 2.0, "end": 2.0}, "to a later one"),
        ({"crf": 64}, "between 0 and 63, not at 64"),
        ({"preset": "placebo"}, "no preset 'placebo'"),
    ],
)
def test_what_cannot_be_is_a_sentence(chosen, sentence):
    with pytest.raises(ValueError, match=sentence):
        ClipOptions(**chosen)
