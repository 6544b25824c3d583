"""What is said of a clip's making."""

from colorfilter.clips.options import Progress
from colorfilter.page.clip_making import MIMES, MOST_UNTIL_DONE, SUFFIXES, _time_left, share_of


def test_the_share_by_seconds_or_frames_as_the_clip_says():
    assert share_of(Progress(30, 1.0, 120, 4.0)) == 0.25
    assert share_of(Progress(3, 0.3, 12, 0.0)) == 0.25
    assert share_of(Progress(30, 1.0, 0, 0.0)) is None
    assert share_of(Progress(121, 4.1, 120, 4.0)) == MOST_UNTIL_DONE


def test_the_time_left_in_words():
    assert [_time_left(seconds) for seconds in (0.2, 89, 91, 600)] == [
        "about 1 s left",
        "about 89 s left",
        "about 2 min left",
        "about 10 min left",
    ]


def test_each_kind_has_a_type_and_a_suffix():
    assert MIMES.keys() == SUFFIXES.keys() == {"mp4", "webm", "matroska", "gif", "webp"}
    assert SUFFIXES["matroska"] == "mkv"
