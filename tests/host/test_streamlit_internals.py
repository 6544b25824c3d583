"""Each access to Streamlit's internals, with the internal in its place and with the internal gone."""

import asyncio
import inspect
import os
import socket
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser
from streamlit import config, file_util, net_util, runtime
from streamlit.runtime import scriptrunner
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.web import cli
from streamlit.web.server import server_util
from streamlit.web.server.starlette import starlette_server, starlette_server_config

from colorfilter.host import streamlit_internals as internals
from colorfilter.host.logs import warn_once


def test_of_many_uploads_the_newest_are_kept_and_all_are_counted(monkeypatch):
    files = MemoryUploadedFileManager("/_stcore/upload_file")
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace(_uploaded_file_mgr=files))
    for number in range(6):
        files.add_file("one", UploadedFileRec(str(number), "p.png", "image/png", bytes(10)))
    files.add_file("other", UploadedFileRec("0", "p.png", "image/png", bytes(7)))
    internals.drop_oldest_uploads("one", 2)
    assert list(files.file_storage["one"]) == ["4", "5"]
    assert list(files.file_storage["other"]) == ["0"]
    assert internals.uploaded_bytes() == 27


@pytest.fixture(autouse=True)
def said(caplog):
    warn_once.cache_clear()
    return caplog


def no_place(monkeypatch):
    """A Streamlit whose runtime has none of the internals."""
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace())


def without(module, name):
    return lambda monkeypatch: monkeypatch.delattr(module, name)


def without_module(name):
    return lambda monkeypatch: monkeypatch.setitem(sys.modules, name, None)


def option_is_none(monkeypatch):
    monkeypatch.setattr(config, "get_option", lambda name: None)


RUN, OPEN, CLOSE = "knowing which page a run of the script is for", "knowing which pages are open", "closing sessions"
TTL, MEDIA, SECRETS = "Streamlit's setting of how long", "keeping files while the page runs", "the secrets beside"
DOWNLOADS, PROMPT, VARIABLES = "keeping downloads", "sending small answers at once", "STREAMLIT_ variables"


# What is called, how Streamlit is changed before, what is returned then, and what the log says.
MOVED = [
    (internals.current_run_context, without(scriptrunner, "get_script_run_ctx"), None, RUN),
    (internals.current_run_context, without_module("streamlit.runtime.scriptrunner"), None, RUN),
    (internals.current_session_id, without(scriptrunner, "get_script_run_ctx"), None, RUN),
    (lambda: internals.is_session_active("a"), no_place, True, OPEN),
    (lambda: internals.is_session_active("a"), without(runtime, "exists"), True, OPEN),
    (lambda: internals.close_session("a"), no_place, None, CLOSE),
    (lambda: internals.close_session("a"), without(runtime, "get_instance"), None, CLOSE),
    (internals.session_ttl, option_is_none, 120.0, TTL),
    (internals.session_ttl, without(config, "get_option"), 120.0, TTL),
    (lambda: internals.keep_media_file(b"", "image/png", "clip"), no_place, None, MEDIA),
    (lambda: internals.keep_download(b"", "image/png", "a.png", object()), no_place, None, MEDIA),
    (
        lambda: internals.keep_download(b"", "image/png", "a.png", object()),
        without(scriptrunner, "add_script_run_ctx"),
        None,
        DOWNLOADS,
    ),
    (lambda: internals.set_main_script(Path("page.py")), without(config, "_main_script_path"), None, SECRETS),
    (internals.set_tcp_nodelay, without(starlette_server, "_bind_socket"), None, PROMPT),
    (internals.set_tcp_nodelay, without_module("streamlit.web.server.starlette"), None, PROMPT),
    (lambda: internals.options_from_environment("page.py"), without(cli, "main_run"), {}, VARIABLES),
    (lambda: internals.options_from_environment("page.py"), without(config, "get_config_options"), {}, VARIABLES),
    (internals.uploaded_bytes, without(runtime, "exists"), 0, "a limit on uploads"),
    (lambda: internals.drop_oldest_uploads("a", 1), without(runtime, "exists"), None, "a limit on uploads"),
    (
        internals.current_browser,
        without(starlette_server_config, "XSRF_COOKIE_NAME"),
        None,
        "a limit on the tabs of one browser",
    ),
    (internals.uploads_cookie, without(server_util, "is_xsrf_enabled"), None, "a sentence where uploads cannot work"),
    (internals.never_ask_for_own_address, without(net_util, "get_external_ip"), None, "keeping the event loop free"),
    (internals.bracket_ipv6_addresses, without(server_util, "get_url"), None, "brackets around an IPv6 address"),
    (internals.keep_uploads_in_memory, without(config, "get_option"), None, "keeping uploads in memory alone"),
    (internals.static_folder, without(file_util, "get_static_dir"), None, "compressed scripts"),
    (lambda: internals.option("server.port"), without(config, "get_option"), None, "Streamlit's options"),
    (internals.component_folders, no_place, {}, "compressed files of components"),
]


@pytest.mark.parametrize(("access", "move", "fallback", "purpose"), MOVED)
def test_an_internal_that_has_moved_is_one_line_in_the_log(access, move, fallback, purpose, monkeypatch, said):
    move(monkeypatch)
    for _ in range(2):
        assert access() == fallback
    [line] = said.messages
    assert line.startswith(f"The app goes on without {purpose}")
    assert "Streamlit has moved an internal (" in line


def test_every_access_is_among_them():
    functions = inspect.getmembers(internals, inspect.isfunction)
    public = {name for name, value in functions if value.__module__ == internals.__name__ and name[0] != "_"}
    tried = {name for access, *_ in MOVED for name in (access.__name__, *access.__code__.co_names)}
    assert public - tried == set()
    assert "set_tcp_nodelay" in public


def test_the_internals_are_where_they_are_expected(monkeypatch, said):
    """In the Streamlit that is installed."""
    assert internals.session_ttl() == config.get_option("server.disconnectedSessionTTL")
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", "8765")
    assert internals.options_from_environment("streamlit_app.py")["server.port"] == 8765
    assert internals.current_session_id() is None
    assert internals.is_session_active("a")
    monkeypatch.setattr(config, "_main_script_path", None)
    internals.set_main_script(Path("/nowhere/page.py"))
    assert "/nowhere/.streamlit/secrets.toml" in config.get_config_files("secrets.toml")
    bind = starlette_server._bind_socket
    internals.set_tcp_nodelay()
    with (
        starlette_server._bind_socket("127.0.0.1", 0, 1) as listening,
        socket.create_connection(listening.getsockname()),
        listening.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    monkeypatch.setattr(starlette_server, "_bind_socket", bind)
    assert said.messages == []


BOUNDARY = b'--line\r\nContent-Disposition: form-data; name="file"; filename="photo.png"\r\n\r\n'


def open_files():
    """Files, named or already without a name, that this process has open for writing."""
    folder = Path("/proc/self/fd")
    links = [os.readlink(entry) for entry in folder.iterdir() if entry.exists() or entry.is_symlink()]
    return [link for link in links if "(deleted)" in link or link.startswith(tempfile.gettempdir())]


async def files_while_uploading(size):
    """The files that are open when all but the end of an upload has come."""
    seen = []

    async def stream():
        yield BOUNDARY
        for _ in range(size // 100_000):
            yield bytes(100_000)
        seen.extend(open_files())
        yield b"\r\n--line--\r\n"

    headers = Headers({"content-type": "multipart/form-data; boundary=line"})
    form = await MultiPartParser(headers, stream()).parse()
    assert form["file"].size == size
    await form.close()
    return seen


def test_an_upload_is_in_no_file(monkeypatch):
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1 << 20)  # whatever a page that ran before has made of it
    before = open_files()
    assert set(asyncio.run(files_while_uploading(10_000_000))) - set(before)  # as Starlette has it
    internals.keep_uploads_in_memory()
    assert not set(asyncio.run(files_while_uploading(10_000_000))) - set(before)


def test_a_foreign_origin_asks_nobody(monkeypatch):
    asked = []
    monkeypatch.setattr(net_util, "get_external_ip", lambda: asked.append(True))
    server_util.is_url_from_allowed_origins("https://foreign.example")
    assert asked  # as Streamlit has it
    asked.clear()
    internals.never_ask_for_own_address()
    assert not server_util.is_url_from_allowed_origins("https://foreign.example")
    assert not asked


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("::1", "http://[::1]:8765"),
        ("2001:db8::7", "http://[2001:db8::7]:8765"),
        ("127.0.0.1", "http://127.0.0.1:8765"),
        ("localhost", "http://localhost:8765"),
        ("[::1]", "http://[::1]:8765"),
    ],
)
def test_an_ipv6_address_has_brackets_in_the_url_that_streamlit_prints(host, url, monkeypatch):
    monkeypatch.setattr(server_util, "get_url", server_util.get_url)
    monkeypatch.setattr(server_util, "_get_browser_address_bar_port", lambda: 8765)
    internals.bracket_ipv6_addresses()
    assert server_util.get_url(host) == url
