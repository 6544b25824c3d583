"""Cut runs of the script, with streamlit-webrtc's own contexts in a session of the test's."""

from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit_webrtc import component
from streamlit_webrtc.component import WebRtcStreamerContext, WebRtcStreamerState

from colorfilter.webrtc import connection
from tests.support.moving import Clock


@pytest.fixture
def info():
    """A session in which the script has run five times."""
    return SimpleNamespace(script_run_count=5)


@pytest.fixture
def session(info, monkeypatch):
    """The context of a streamer in that session, which the first of these runs rendered."""
    for module in (component, connection):
        monkeypatch.setattr(module, "get_this_session_info", lambda: info)
    state = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(component, "_get_or_create_context", component._get_or_create_context)
    context = WebRtcStreamerContext(worker=None, state=WebRtcStreamerState(playing=False, signalling=True))
    context._last_rendered_run_count = 1
    state["live"] = context
    return context


class Worker:
    def __init__(self):
        self.stopped = False

    def stop(self):
        self.stopped = True


@pytest.mark.parametrize(("seconds", "stopped"), [(0.1, False), (2.9, False), (3.1, True)])
def test_runs_cut_short_make_no_orphan_but_a_page_that_was_left_does(session, info, seconds, stopped, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(connection, "time", clock)
    worker = Worker()
    session._last_rendered_run_count = 5
    session._set_worker(worker)
    connection.patch_orphan_check()
    component._get_or_create_context("live")
    info.script_run_count = 9
    clock.now += seconds
    assert component._get_or_create_context("live") is session
    assert worker.stopped is stopped


def test_what_is_kept_is_rendered_in_this_run(session):
    worker = Worker()
    session._set_worker(worker)
    connection.keep_connection("live")
    component._get_or_create_context("live")
    assert not worker.stopped


def test_a_key_without_a_streamer_is_made_as_ever(session):
    connection.patch_orphan_check()
    connection.keep_connection("other")
    assert isinstance(component._get_or_create_context("other"), WebRtcStreamerContext)


@pytest.mark.parametrize("sends", [True, False])
@pytest.mark.parametrize(("connects", "present"), [(True, True), (False, False)])
def test_who_does_not_connect_in_time_is_absent(session, monkeypatch, sends, connects, present):
    """Also with the test card, where no frames of the viewer's tell that somebody is there."""
    clock = Clock()
    monkeypatch.setattr(connection, "time", clock)
    monkeypatch.setattr(connection, "current_session_id", lambda: "a")
    monkeypatch.setattr(connection, "is_session_active", lambda session_id: True)
    worker = Worker()
    worker.pc = SimpleNamespace(connectionState="connecting")
    session._set_worker(worker)
    viewer = connection.Viewer("live", sends)
    for second in range(40):
        clock.now += 1
        if connects and second == 5:
            worker.pc.connectionState = "connected"
        seen = viewer.present(silent_for=0.0 if connects else float("inf"))
    assert seen is present
