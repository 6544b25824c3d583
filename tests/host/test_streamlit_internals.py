"""Each reach into Streamlit, with its place there and with its place gone."""

from types import SimpleNamespace

import pytest
from streamlit import config, runtime
from streamlit.web import cli
from streamlit.web.server.starlette import starlette_server

from colorfilter.host import streamlit_internals as internals
from colorfilter.host.logs import warn_once


@pytest.fixture(autouse=True)
def said(caplog):
    warn_once.cache_clear()
    return caplog


@pytest.fixture
def empty_runtime(monkeypatch):
    """A Streamlit whose runtime has none of the places."""
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace())


REACHES = {
    "knowing which pages are open": lambda: internals.is_session_active("a"),
    "closing sessions that were left": lambda: internals.close_session("a"),
    "keeping files while the page runs": lambda: internals.keep_media_file(b"", "image/png", "clip"),
    "keeping downloads until they were fetched": lambda: internals.keep_download(b"", "image/png", "a.png", None),
}


@pytest.mark.parametrize("what", REACHES)
def test_a_place_that_has_moved_is_one_line_in_the_log(what, empty_runtime, said):
    for _ in range(2):
        assert REACHES[what]() in (None, True)
    [line] = [message for message in said.messages if "ScriptRunContext" not in message]  # of the thread in a test
    assert line.startswith(f"The app goes on without {what}: a place in Streamlit has moved (")


def test_a_socket_that_is_bound_elsewhere_is_one_line(monkeypatch, said):
    monkeypatch.delattr(starlette_server, "_bind_socket")
    internals.send_without_delay()
    assert [line.split(":")[0] for line in said.messages] == ["The app goes on without sending small answers at once"]


def test_variables_that_are_read_elsewhere_are_one_line(monkeypatch, said):
    monkeypatch.delattr(cli, "main_run")
    assert internals.options_from_environment("page.py") == {}
    assert [line.split(":")[0] for line in said.messages] == ["The app goes on without STREAMLIT_ variables"]


def test_a_setting_that_is_gone_is_one_line_and_two_minutes(monkeypatch, said):
    monkeypatch.setattr(config, "get_option", lambda name: None)
    assert internals.session_ttl() == 120
    assert len(said.messages) == 1


def test_the_places_are_where_they_are_expected(monkeypatch, said):
    """In the Streamlit that is installed."""
    assert internals.session_ttl() == config.get_option("server.disconnectedSessionTTL")
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", "8765")
    assert internals.options_from_environment("streamlit_app.py")["server.port"] == 8765
    assert internals.current_session_id() is None
    assert internals.is_session_active("a")
    bind = starlette_server._bind_socket
    internals.send_without_delay()
    assert starlette_server._bind_socket is not bind
    monkeypatch.setattr(starlette_server, "_bind_socket", bind)
    assert [message for message in said.messages if "moved" in message] == []
