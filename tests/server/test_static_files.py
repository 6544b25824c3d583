"""The page's files as a browser gets them from a running server."""

import asyncio
from pathlib import Path

import httpx
import pytest
import streamlit

from colorfilter.server.static_files import StaticFiles
from tests.support.patience import until
from tests.support.server import Server

STATIC = Path(streamlit.__file__).parent / "static"
LARGE = next((STATIC / "static/js").glob("protobuf.*.js"))
SCRIPT = f"/static/js/{LARGE.name}"


@pytest.fixture(scope="module")
def client():
    with Server("serve") as server, httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


def get(client, path, coding, **headers):
    """The answer once the file is there in this coding."""

    def answer():
        answer = client.get(path, headers={"Accept-Encoding": coding, **headers})
        return answer if answer.headers.get("content-encoding") == coding or answer.status_code != 200 else None

    return until(answer, told=lambda: f"{path} in {coding}")


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_script_comes_compressed_whole_and_to_be_kept(client, coding):
    answer = get(client, SCRIPT, coding)
    assert answer.content == LARGE.read_bytes()
    assert int(answer.headers["content-length"]) < LARGE.stat().st_size / 5
    assert answer.headers["cache-control"] == "public, immutable, max-age=31536000"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    again = client.get(SCRIPT, headers={"Accept-Encoding": coding, "If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_head_tells_the_same_without_a_body(client):
    answer = get(client, SCRIPT, "gzip")
    head = client.head(SCRIPT, headers={"Accept-Encoding": "gzip"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == answer.headers["content-length"]


def test_who_accepts_no_coding_gets_streamlits_own_answer(client):
    answer = client.get(SCRIPT, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.content == LARGE.read_bytes()


def test_a_file_that_no_page_loads_at_first_is_compressed_after_its_first_request(client):
    path = f"/static/js/{next((STATIC / 'static/js').glob('GraphVizChart.*.js')).name}"
    first = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in first.headers
    assert get(client, path, "gzip").content == first.content


def test_a_range_is_the_whole_file(client):
    answer = get(client, SCRIPT, "gzip", Range="bytes=0-9," + ",".join(f"{i}-{i}" for i in range(500)))
    assert (answer.status_code, answer.content) == (200, LARGE.read_bytes())


async def asked(middleware, path, **scope):
    """Whether the middleware answers this path, written as it is, by itself."""
    headers = [(b"accept-encoding", b"gzip, br"), (b"host", b"x")]
    sent = []

    async def send(message):
        sent.append(message)

    await middleware({"type": "http", "method": "GET", "path": path, "headers": headers, **scope}, None, send)
    return sent[0]["type"] == "http.response.start"


async def streamlit_answers(scope, receive, send):
    await send({"type": "streamlit"})


def ready(monkeypatch, base=""):
    monkeypatch.setattr("colorfilter.server.base_path.option", lambda name: base)
    middleware = StaticFiles(streamlit_answers)
    until(lambda: middleware._compressor.get(LARGE, ["gzip"]))
    return middleware


def test_only_paths_of_files_are_answered_and_no_request_adds_one(monkeypatch):
    middleware = ready(monkeypatch)
    before = dict(middleware._files)
    assert len(before) == sum(file.suffix in (".js", ".css") for file in (STATIC / "static").rglob("*"))
    assert asyncio.run(asked(middleware, SCRIPT))
    for path in (
        "/static/js/../js/" + LARGE.name,
        "/static/js/../../index.html",
        "/static//js/" + LARGE.name,
        "//static/js/" + LARGE.name,
        "/static/js/nothing.js",
        "/component/none/assets/index.js",
        "/component/../static/js/" + LARGE.name,
        SCRIPT + "/",
        SCRIPT + "\0",
        "",
    ):
        assert not asyncio.run(asked(middleware, path)), path
    assert not asyncio.run(asked(middleware, SCRIPT, method="POST"))
    assert not asyncio.run(asked(middleware, SCRIPT, type="websocket"))
    assert middleware._files == before


def test_under_a_base_url_only_what_lies_there_is_answered(monkeypatch):
    middleware = ready(monkeypatch, "/app/")
    assert asyncio.run(asked(middleware, "/app" + SCRIPT))
    assert asyncio.run(asked(middleware, "/app/"))
    for path in (SCRIPT, "/", "/app", "/application" + SCRIPT):
        assert not asyncio.run(asked(middleware, path)), path


def test_without_streamlits_folder_all_is_streamlits_to_answer(monkeypatch):
    monkeypatch.setattr("colorfilter.server.static_files.static_folder", lambda: None)
    middleware = StaticFiles(streamlit_answers)
    assert not asyncio.run(asked(middleware, "/"))
    assert not asyncio.run(asked(middleware, SCRIPT))


def test_another_origin_is_streamlits_to_answer_and_the_own_one_is_not(client):
    host = str(client.base_url).rstrip("/")
    assert get(client, SCRIPT, "gzip", Origin=host).status_code == 200
    answer = client.get(SCRIPT, headers={"Accept-Encoding": "gzip", "Origin": "https://example.org"})
    assert "content-encoding" not in answer.headers
