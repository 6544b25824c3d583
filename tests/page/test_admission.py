"""A place on the server: who gets one, who loses it, and what is said to who has none."""

from types import SimpleNamespace

import pytest
import streamlit as st

from colorfilter.host.capacity import Places
from colorfilter.live.source import Source
from colorfilter.page import admission
from colorfilter.page.admission import MAX_OVERRUN, MAX_OVERRUN_S


class Viewer:
    """As much of a viewer as a place meets: one that is live, from a camera as it is told."""

    def __init__(self, name="a", wants_live=True):
        self.id, self.wants_live, self.sends = name, wants_live, True
        self.refused, self.ended, self.limit = 0, False, None

    def present(self, silent_for):
        return True

    def end(self):
        self.ended = True

    def refused_pictures(self):
        return self.refused

    def limit_pictures(self, pixels):
        self.limit = pixels


class Live:
    """A live picture with those figures."""

    def __init__(self, width=640, height=480, rate=30.0, silences=(0.0,)):
        self.overrun_s, self.silences = 0, list(silences)
        self.figures = SimpleNamespace(width=width, height=height, frames_per_second=rate)

    def stats(self):
        return self.figures

    def silent_for(self):
        return self.silences.pop(0) if len(self.silences) > 1 else self.silences[0]


@pytest.fixture
def places(monkeypatch):
    """A server with one place, and a page in one browser."""
    places = Places(max_live=1)
    monkeypatch.setattr(admission, "all_places", lambda: places)
    monkeypatch.setattr(admission, "current_browser", lambda: "mine")
    monkeypatch.setattr(admission, "is_session_active", lambda session_id: session_id != "left")
    monkeypatch.setattr(admission.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(st, "context", SimpleNamespace(headers={}, ip_address=None))
    return places


def take(viewer, live=None):
    live = live or Live()
    return admission.take_place(viewer, admission.make_place(viewer, live, Source()), live)


def test_who_is_live_takes_the_place_and_who_is_not_gives_it_back(places):
    one, other = Viewer("one"), Viewer("other")
    assert take(one) is None
    assert take(other) == "server"
    one.wants_live = False
    assert take(one) is None
    assert take(other) is None


@pytest.mark.parametrize("wants_live", [False, True])
@pytest.mark.parametrize("silences", [[1], [0.1, 0.7]], ids=["long ago", "its last frame has just come"])
def test_a_page_that_is_loaded_again_takes_the_place_of_the_one_that_it_was(places, wants_live, silences):
    left, again = Viewer("left"), Viewer("again", wants_live)
    assert take(left, Live(silences=silences)) is None
    assert take(again) is None
    assert left.ended


def test_one_that_has_lost_its_page_for_a_moment_and_sends_on_keeps_its_place(places):
    left, other = Viewer("left"), Viewer("other", wants_live=False)
    assert take(left) is None
    assert take(other) == "server"
    assert not left.ended


def seconds_until_gone(viewer, live, each=lambda: None):
    """Seconds until the viewer loses the place, None if that is not within a minute."""
    place = admission.make_place(viewer, live, Source(resolution="480p"))
    admission.take_place(viewer, place, live)
    for second in range(60):
        each()
        if not place.present():
            return second + 1
    return None


def test_a_camera_that_sends_far_more_pixels_than_its_place_is_for_loses_it(places):
    assert seconds_until_gone(Viewer(), Live(1280, 720)) is None  # three times as many
    assert seconds_until_gone(Viewer(), Live(1920, 1080)) == MAX_OVERRUN_S


def test_so_does_one_whose_pictures_are_too_large_to_be_decoded(places):
    viewer = Viewer()

    def refuse():
        viewer.refused += 1

    admission.limit_pictures(viewer, Source(resolution="480p"))
    assert viewer.limit == MAX_OVERRUN * 640 * 480
    assert seconds_until_gone(viewer, Live(), refuse) == MAX_OVERRUN_S


def test_one_that_was_too_large_once_costs_nothing(places):
    viewer = Viewer()
    viewer.refused = 1
    assert seconds_until_gone(viewer, Live()) is None


def test_whose_video_has_ended_for_that_is_told_why(monkeypatch):
    said = []
    monkeypatch.setattr(st, "warning", said.append)
    live = Live()
    for live.overrun_s, wants_live in ((MAX_OVERRUN_S, True), (MAX_OVERRUN_S - 1, False), (MAX_OVERRUN_S, False)):
        admission.warn_if_ended(Viewer(wants_live=wants_live), live, Source(resolution="480p"))
    assert said == ["Your camera sends much larger pictures than 480p. Choose a higher resolution, and start again."]


@pytest.mark.parametrize(("trusted", "source"), [("127.0.0.1", "198.41.0.4"), ("", "127.0.0.1")])
def test_the_limit_for_an_address_is_by_the_visitors_where_the_proxy_is_trusted(places, monkeypatch, trusted, source):
    monkeypatch.setenv("COLORFILTER_TRUSTED_PROXIES", trusted)
    headers = {"X-Forwarded-For": "198.41.0.4"}
    monkeypatch.setattr(st, "context", SimpleNamespace(headers=headers, ip_address="127.0.0.1"))
    assert admission.make_place(Viewer(), Live(), Source()).source == source


@pytest.mark.parametrize(
    ("obstacle", "watching", "says"),
    [
        ("server", 1, "1 person is watching live, as many as this server can serve well."),
        ("server", 12, "12 people are watching live, as many as this server can serve well."),
        ("address", 3, "As many people are watching live as may from the address of your network."),
        ("browser", 3, "This browser watches live in as many tabs as one may."),
    ],
)
def test_each_obstacle_has_its_sentence_that_says_how_it_goes_on(obstacle, watching, says):
    sentence = admission._sentence(obstacle, watching)
    assert sentence.startswith(says)
    assert "goes on by itself" in sentence
