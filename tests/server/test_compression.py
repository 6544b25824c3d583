"""Which codings a client accepts, and that each file is compressed once."""

import gzip

import brotli
import pytest
from starlette.datastructures import Headers

from colorfilter.server import compression
from colorfilter.server.compression import Compressor, Encoded, accepted_codings
from tests.support.patience import until

TEXT = b"red, green and blue " * 500


@pytest.mark.parametrize(
    ("header", "codings"),
    [
        ("gzip, deflate, br, zstd", ["br", "gzip"]),
        ("gzip", ["gzip"]),
        ("GZIP;q=0.5 , br ; q=1", ["br", "gzip"]),
        ("br;q=0, gzip;q=0.0", []),
        ("br;q=0.001", ["br"]),
        ("*", []),
        ("identity", []),
        ("", []),
        (",;q=,;;q=x," * 5000 + "gzip", ["gzip"]),
    ],
)
def test_codings_that_a_client_accepts(header, codings):
    assert accepted_codings(header) == codings


def wait_for(compressor, file, coding):
    return until(lambda: compressor.get(file, [coding]), told=lambda: f"{file} in {coding}")


def test_a_file_comes_back_the_same_in_each_coding_and_the_smallest_is_given_first(tmp_path):
    file, compressor = tmp_path / "a.js", Compressor()
    file.write_bytes(TEXT)
    assert compressor.get(file, ["br", "gzip"]) is None
    compressor.add(file)
    assert gzip.decompress(wait_for(compressor, file, "gzip").data) == TEXT
    assert brotli.decompress(wait_for(compressor, file, "br").data) == TEXT
    assert compressor.get(file, accepted_codings("gzip, br")).coding == "br"
    assert compressor.get(file, []) is None


def test_a_file_is_compressed_once_however_often_it_is_asked_for(tmp_path, monkeypatch):
    counted, encode = [], compression.ENCODERS["gzip"]
    monkeypatch.setitem(compression.ENCODERS, "gzip", lambda data: counted.append(data) or encode(data))
    file, other, compressor = tmp_path / "a.js", tmp_path / "b.js", Compressor()
    file.write_bytes(TEXT)
    other.write_bytes(b"x" * 2000)
    for _ in range(50):
        compressor.add(file)
    compressor.add(other)
    wait_for(compressor, other, "br")
    assert counted == [TEXT, b"x" * 2000]


def test_all_files_get_the_quickest_coding_before_any_gets_the_next(tmp_path, monkeypatch):
    order = []
    for coding in ("gzip", "br"):
        monkeypatch.setitem(compression.ENCODERS, coding, lambda data, coding=coding: order.append(coding) or data)
    monkeypatch.setattr(compression.threading, "Thread", lambda **kwargs: Stopped())
    compressor = Compressor()
    for name in "abc":
        (tmp_path / name).write_bytes(TEXT)
        compressor.add(tmp_path / name)
    monkeypatch.undo()
    while not compressor._work.empty():
        order.append(compressor._work.get()[3])
    assert order == ["gzip"] * 3 + ["br"] * 3


class Stopped:
    """A thread that never runs."""

    def start(self):
        pass


def test_a_file_that_is_gone_is_logged_and_the_next_one_compressed(tmp_path, caplog):
    file, compressor = tmp_path / "there.js", Compressor()
    file.write_bytes(TEXT)
    compressor.add(tmp_path / "gone.js")
    compressor.add(file)
    wait_for(compressor, file, "br")
    assert any("gone.js goes out as it is" in message for message in caplog.messages)


def test_who_has_the_body_already_gets_304_and_another_coding_is_another_body():
    encoded, other = Encoded("gzip", b"1"), Encoded("br", b"1")
    first = encoded.response({"Cache-Control": "no-cache"}, Headers({}))
    assert (first.status_code, first.headers["content-encoding"], first.body) == (200, "gzip", b"1")
    again = encoded.response({"Cache-Control": "no-cache"}, Headers({"if-none-match": f'"x", {first.headers["etag"]}'}))
    assert (again.status_code, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["vary"] == "Accept-Encoding"
    assert other.response({}, Headers({"if-none-match": first.headers["etag"]})).status_code == 200
