"""What is said of a clip's making."""

from types import SimpleNamespace

from streamlit.testing.v1 import AppTest

from colorfilter.clips.options import Progress
from colorfilter.page.clip_making import MAKE, MIMES, MOST_UNTIL_DONE, SUFFIXES, _time_left, share_of


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


def page(clip):
    import streamlit as st

    from colorfilter.page import clip_making

    chosen = st.selectbox("View", ["red", "blue", "nothing"])
    clip_making.render(clip, None if chosen == "nothing" else chosen)


def test_a_press_right_after_a_choice_makes_what_was_chosen():
    asked = []
    clip = SimpleNamespace(job=None, made=None, made_with=None, error="", seen_to_fit=True, make=asked.append)
    app = AppTest.from_function(page, default_timeout=20, args=(clip,)).run()
    app.button(key=MAKE).click().run()
    app.selectbox[0].set_value("blue")
    app.button(key=MAKE).click().run()  # one message has both, as where the page still runs for the choice
    app.selectbox[0].set_value("nothing")
    app.button(key=MAKE).click().run()
    app.run()
    assert not app.exception
    assert asked == ["red", "blue"]
    assert app.button(key=MAKE).disabled
