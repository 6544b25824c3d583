"""Cut runs of the script, with streamlit-webrtc's own contexts in a session of the test's."""

from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit_webrtc import component
from streamlit_webrtc.component import WebRtcStreamerContext, WebRtcStreamerState

from colorfilter.webrtc import connection


@pytest.fixture
def session(monkeypatch):
    """A session in which the script has run five times, and a streamer that the first of these rendered."""
    info = SimpleNamespace(script_run_count=5)
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
    def __init__(self, state):
        self.pc = SimpleNamespace(connectionState=state)
        self.stopped = False

    def stop(self):
        self.stopped = True


@pytest.mark.parametrize(("state", "stopped"), [("new", False), ("connecting", False), ("connected", True)])
def test_a_connection_that_is_being_made_is_no_orphan(session, state, stopped):
    worker = Worker(state)
    session._set_worker(worker)
    connection.patch_orphan_check()
    assert component._get_or_create_context("live") is session
    assert worker.stopped is stopped


def test_what_is_kept_is_rendered_in_this_run(session):
    worker = Worker("connected")
    session._set_worker(worker)
    connection.keep_connection("live")
    component._get_or_create_context("live")
    assert not worker.stopped


def test_a_key_without_a_streamer_is_made_as_ever(session):
    connection.patch_orphan_check()
    connection.keep_connection("other")
    assert isinstance(component._get_or_create_context("other"), WebRtcStreamerContext)
