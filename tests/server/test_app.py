"""The server as clients meet it: started once, on a free port, with a page that stands in for the real one."""

import asyncio
import base64
import http.client
import json
import os
import random
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from colorfilter import PRESETS, VISION, ColorFilter, filter_image
from colorfilter.catalog import FILTERS
from colorfilter.host.settings import Settings
from colorfilter.server.app import create_app
from colorfilter.stills.decode import read_picture
from tests.support.patience import PATIENCE, until
from tests.support.pictures import HEIC, blocks, chunk, corpus, photo, png_header, saved
from tests.support.processes import files_on_disk
from tests.support.server import Server
from tests.support.visitor import Visitor

ROOT = Path(__file__).parents[2]
PNG = saved(blocks())
URL = "data:image/png;base64," + base64.b64encode(PNG).decode()


@contextmanager
def running(folder, secrets="", address="127.0.0.1", before="", **environment):
    """A server on a free port with its page in `folder`, started from another one as by `colorfilter serve`.

    `before` is code that its process runs first.
    """
    (folder / "streamlit_app.py").write_text("import streamlit as st\nst.title('stand-in')\n")
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit/config.toml").write_text("[server]\nenableStaticServing = true\nheadless = true\n")
    (folder / ".streamlit/secrets.toml").write_text(secrets)
    (folder / "static").mkdir()
    (folder / "static/hello.txt").write_text("hello")
    host = f"[{address}]" if ":" in address else address
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as free:
        free.bind((address, 0))
        port = free.getsockname()[1]
    code = f"{before}\nimport sys; from pathlib import Path; from colorfilter.server.app import serve"
    code += f"; serve({port}, {address!r}, Path({str(folder / 'streamlit_app.py')!r}))"
    environment = {**os.environ, "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false", **environment}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=log, stderr=log, env=environment)
    try:
        url = f"http://{host}:{port}{environment.get('STREAMLIT_SERVER_BASE_URL_PATH', '')}"
        _wait_for(server, url, folder / "log")
        yield url
        assert server.poll() is None, (folder / "log").read_text(encoding="utf-8")
    finally:
        server.terminate()
        server.wait(20)
    assert "Traceback" not in (folder / "log").read_text(encoding="utf-8")


def _wait_for(server, url, log):
    def answers():
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            return httpx.get(f"{url}/_stcore/health").status_code == 200
        except httpx.TransportError:
            return False

    until(answers)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server, timeout=60) as client:
        yield client


def picture(response):
    """The pixels of an answer, in JSON or in PNG."""
    assert response.status_code == 200, response.text
    if response.headers["content-type"] == "image/png":
        return read_picture(response.content)
    kind, data = response.json()["image"].split(",")
    assert kind == "data:image/png;base64"
    return read_picture(base64.b64decode(data))


def refusal(response, status):
    """The sentence of a refusal, which every web page may read."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert response.headers["access-control-allow-origin"] == "*"
    [(key, sentence)] = response.json().items()
    assert key == "error"
    return sentence


def test_json_in_json_out(client):
    response = client.post("/filter", json={"image": URL, "color": "red"})
    assert list(response.json()) == ["image"]
    assert np.array_equal(picture(response), filter_image(blocks(), PRESETS["red"]))


def test_picture_in_png_out(client):
    response = client.post("/filter?color=yellow", content=PNG, headers={"Content-Type": "image/png"})
    assert response.headers["content-type"] == "image/png"
    assert np.array_equal(picture(response), filter_image(blocks(), PRESETS["yellow"]))


def test_strength_and_hex_colors_in_both(client):
    """Half of #ff8800: (255, 136, 0) moved half the way to white."""
    want = filter_image(blocks(), ColorFilter("half", (255, 196, 128)))
    fields = {"color": "#ff8800", "strength": 0.5}
    assert np.array_equal(picture(client.post("/filter", json={"image": URL, **fields})), want)
    assert np.array_equal(picture(client.post("/filter", params=fields, content=PNG)), want)


@pytest.mark.parametrize("name", VISION)
def test_vision_filters_in_both(client, name):
    want = filter_image(blocks(), VISION[name].at_strength(0.3))
    fields = {"color": name, "strength": 0.3}
    assert np.array_equal(picture(client.post("/filter", json={"image": URL, **fields})), want)
    assert np.array_equal(picture(client.post("/filter", params=fields, content=PNG)), want)


def test_json_that_curl_calls_a_form(client):
    body = json.dumps({"image": URL, "color": "red"})
    response = client.post("/filter", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert np.array_equal(picture(response), filter_image(blocks(), PRESETS["red"]))


@pytest.mark.parametrize("name", corpus())
def test_every_kind_of_picture(client, name):
    data = corpus()[name]
    got = picture(client.post("/filter?color=cyan", content=data))
    assert np.array_equal(got, filter_image(read_picture(data), PRESETS["cyan"]))


def test_what_there_is(client):
    answer = client.get("/filter").json()
    assert answer["colors"] == {name: preset.hex for name, preset in PRESETS.items()}
    assert answer["vision"] == {name: one.describe() for name, one in VISION.items()}
    assert answer["limits"] == {"body_bytes": 5_000_000, "picture_bytes": 25_000_000, "pixels": 50_000_000}


def test_the_description_the_answer_and_the_list_have_every_filter(client):
    post = client.get("/openapi.json").json()["paths"]["/filter"]["post"]
    [query] = [one["schema"] for one in post["parameters"] if one["name"] == "color"]
    field = post["requestBody"]["content"]["application/json"]["schema"]["properties"]["color"]
    for schema in (query, field):
        assert set(re.findall(r"[\w-]+(?=\|)", schema["pattern"])) == set(FILTERS)
        assert all(re.search(schema["pattern"], text) for text in [*FILTERS, "#ff8800", "#FF8800"])
        assert not any(re.search(schema["pattern"], text) for text in ["", "purple", "redder", "#ff880"])
    there_is = client.get("/filter").json()
    assert [*there_is["colors"], *there_is["vision"]] == list(FILTERS)
    listed = subprocess.run([sys.executable, "-m", "colorfilter", "--list"], cwd=ROOT, capture_output=True, text=True)
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(FILTERS)


def test_the_example_works(client, server, tmp_path):
    (tmp_path / "in.jpg").write_bytes(saved(blocks(), "JPEG"))
    command = client.get("/filter").json()["example"].replace("http://localhost:8501", server)
    subprocess.run(command + " -s", shell=True, cwd=tmp_path, check=True)
    want = filter_image(read_picture((tmp_path / "in.jpg").read_bytes()), PRESETS["red"])
    assert np.array_equal(read_picture((tmp_path / "out.png").read_bytes()), want)


def test_every_web_page_may_ask(client):
    ask = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    response = client.options("/filter", headers={**ask, "Access-Control-Request-Headers": "content-type"})
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "*"
    assert "POST" in response.headers["access-control-allow-methods"]
    assert response.headers["access-control-allow-headers"] == "*"
    answer = client.post("/filter?color=red", content=PNG, headers={"Origin": "https://example.org"})
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"image": URL, "color": "purple"}, "There is no filter 'purple'"),
        ({"image": URL, "color": "#12345"}, "six hex digits"),
        ({"image": URL, "color": "\ud800"}, "There is no filter"),
        ({"image": URL, "color": 7}, "color is a name"),
        ({"image": URL, "color": "x" * 1000}, "color is a name"),
        ({"image": URL}, "color is missing"),
        ({"color": "red"}, '"image" is missing'),
        ({"image": "hello", "color": "red"}, "is a data URL"),
        ({"image": None, "color": "red"}, "is a data URL"),
        ({"image": "data:image/png;base64,????", "color": "red"}, "not valid base64"),
        ({"image": URL[:-1], "color": "red"}, "not valid base64"),
        ({"image": URL, "color": "red", "strength": 2}, "between 0 and 1"),
        ({"image": URL, "color": "red", "strength": "0.5"}, "a number from 0 to 1"),
        ({"image": URL, "color": "red", "strength": True}, "a number from 0 to 1"),
        ([], "JSON object"),
        ("red", "JSON object"),
    ],
)
def test_a_wrong_field_is_400(client, fields, sentence):
    body = json.dumps(fields)
    assert sentence in refusal(client.post("/filter", content=body, headers={"Content-Type": "application/json"}), 400)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"image":' * 10_000, b"NaN, 1", b"9" * 5000])
def test_bad_json_is_400(client, body):
    refusal(client.post("/filter", content=body, headers={"Content-Type": "application/json"}), 400)


@pytest.mark.parametrize("query", ["", "color=", "color=purple", "color=red&strength=2", "color=red&strength=nan",
                                   "color=red&strength=much", "color=%ff", "strength=1"])  # fmt: skip
def test_a_wrong_query_is_400(client, query):
    refusal(client.post(f"/filter?{query}", content=PNG), 400)


@pytest.mark.parametrize("data", [b"", b"hello", PNG[:-20], PNG[:100], b"<svg/>"])
def test_what_is_no_picture_is_415(client, data):
    refusal(client.post("/filter?color=red", content=data), 415)
    url = "data:image/png;base64," + base64.b64encode(data).decode()
    refusal(client.post("/filter", json={"image": url, "color": "red"}), 415)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_other_methods_are_405(client, method):
    assert "GET, POST, OPTIONS" in refusal(client.request(method, "/filter"), 405)
    assert client.request(method, "/filter").headers["allow"] == "GET, POST, OPTIONS"


def test_a_decompression_bomb_is_413(client):
    bomb = png_header(60_000, 60_000) + chunk(b"IDAT", b"no pixels")
    assert "50 megapixels" in refusal(client.post("/filter?color=red", content=bomb), 413)


def test_a_form_is_told_that_the_body_is_the_file_itself(client):
    """As `curl -F file=@photo.png` sends it."""
    response = client.post("/filter?color=red", files={"file": ("photo.png", PNG, "image/png")})
    assert "not a form: curl --data-binary @" in refusal(response, 415)


def test_a_body_above_the_limit_is_413(client):
    assert "5 MB" in refusal(client.post("/filter?color=red", content=bytes(5_000_001)), 413)
    refusal(client.post("/filter?color=red", content=bytes(5_000_000)), 415)
    refusal(client.post("/filter?color=red", content=bytes(26_000_000)), 413)


HALF = bytes(2_000_000)  # from 1 MB on Starlette's forms would be in a temporary file
LINE = b'--line\r\nContent-Disposition: form-data; name="file"; filename="p.png"\r\n\r\n'


async def upload_in_halves(client, method, path, headers, port, *parts):
    """Send the first half, look at the files of the server, and send the rest. Returns them and the answer's status."""
    seen = []

    async def body():
        yield parts[0] + HALF
        for _ in range(20):  # it takes in what has come meanwhile
            await asyncio.sleep(0.02)
            seen.append(files_on_disk(port))
        yield HALF + b"".join(parts[1:])

    answer = await client.request(method, path, content=body(), headers=headers)
    return set().union(*seen), answer.status_code


async def use_uploads():
    """Both ways of sending a picture to the server of the real page, slowly, and one that is too large."""
    with Server("serve") as server:
        port = str(server.port)
        async with Visitor(server.url, "mode=file") as visitor, httpx.AsyncClient(base_url=server.url) as client:
            await visitor.run()
            await visitor.wait_for(lambda: visitor.runs)
            await client.get("/_stcore/health")
            form = {"Content-Type": "multipart/form-data; boundary=line"}
            form["X-Xsrftoken"] = client.cookies.get("_streamlit_xsrf", "")
            place = f"/_stcore/upload_file/{visitor.session}/"
            before = files_on_disk(port)
            page = await upload_in_halves(client, "PUT", place + "1", form, port, LINE, b"\r\n--line--\r\n")
            api = await upload_in_halves(client, "POST", "/filter?color=red", {}, port, PNG)
            large = await client.put(
                place + "2", files={"file": bytes(26 << 20)}, headers={"X-Xsrftoken": form["X-Xsrftoken"]}
            )
            return before, page, api, large


def test_no_picture_that_is_sent_is_ever_in_a_file_and_one_above_the_limit_is_refused():
    before, page, api, large = asyncio.run(use_uploads())
    assert page == (before, 204)
    assert api == (before, 200)
    assert large.status_code == 413


def test_the_environment_sets_what_it_sets_for_streamlit_itself(tmp_path):
    with running(tmp_path, STREAMLIT_SERVER_ENABLE_STATIC_SERVING="false") as url:  # its config.toml says true
        assert httpx.get(f"{url}/app/static/hello.txt").text != "hello"


def test_the_server_stops_reading_at_the_limit(server):
    """A client that sends without end is answered and cut off."""
    host, port = server.removeprefix("http://").split(":")
    piece = b"10000\r\n" + bytes(0x10000) + b"\r\n"
    sent = 0
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(b"POST /filter?color=red HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        with pytest.raises(OSError, match=r"reset|pipe"):  # noqa: PT012
            while sent < 200_000_000:
                client.sendall(piece)
                sent += len(piece)
    assert sent < 100_000_000  # the limit, what is read so that the client sees the answer, and what the network holds


REFUSED = {
    "no color": ("/filter", PNG, 400, "color is missing"),
    "not JSON": ("/filter", b"{", 400, "not JSON"),
    "no picture": ("/filter?color=red", b"no picture", 415, "JPEG"),
    "HEIC": ("/filter?color=red", HEIC, 415, "Save it as JPEG"),
    "empty": ("/filter?color=red", b"", 415, "empty"),
    "above the limit": ("/filter?color=red", bytes(20_000_000), 413, "5 MB"),
}
FRAMINGS = [("1.1", False), ("1.1", True), ("1.0", False)]  # HTTP version, and whether the body comes in chunks


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
@pytest.mark.parametrize(("version", "chunked"), FRAMINGS)
@pytest.mark.parametrize("refused", REFUSED)
def test_a_refusal_comes_at_once_to_a_client_that_sends_all_before_it_reads(
    server, refused, version, chunked, connection
):
    """At once: the client waits for less than the 30 s in which a body has to arrive."""
    path, body, status, words = REFUSED[refused]
    goes_on = connection == "keep-alive" and version == "1.1" and not (chunked and status == 413)
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    if chunked:
        body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    head = f"POST {path} HTTP/{version}\r\nHost: x\r\nConnection: {connection}\r\n{length}\r\n\r\n"
    host, port = server.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(head.encode() + body)
        assert words in answered(client, status)["error"]
        if goes_on:
            client.sendall(b"GET /filter HTTP/1.1\r\nHost: x\r\n\r\n")
            assert "colors" in answered(client, 200)
        else:
            assert client.recv(1) == b""


def answered(client, status):
    """The JSON of the next answer that comes over that socket."""
    answer = http.client.HTTPResponse(client)
    answer.begin()
    assert answer.status == status
    return json.loads(answer.read())


def test_urllib_reads_why_its_body_was_refused(server):
    """It sends `Connection: close` and the whole body before it reads the answer."""
    for _ in range(5):
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(f"{server}/filter?color=red", data=bytes(20_000_000), timeout=20)
        assert raised.value.code == 413
        assert json.load(raised.value) == {"error": "The body has more than 5 MB, which is the limit."}


def test_a_setting_raises_the_limit(tmp_path):
    noise = saved(np.random.default_rng(0).integers(0, 256, (1500, 1500, 3), np.uint8))
    assert 5_000_000 < len(noise) < 7_000_000
    with running(tmp_path, COLORFILTER_MAX_BODY_MB="7") as url:
        assert picture(httpx.post(f"{url}/filter?color=red", content=noise, timeout=60)).shape == (1500, 1500, 3)
        refusal(httpx.post(f"{url}/filter?color=red", content=bytes(7_000_001)), 413)
        assert httpx.get(f"{url}/filter").json()["limits"]["body_bytes"] == 7_000_000


def test_connections_that_send_nothing_keep_nobody_out(server):
    host, port = server.removeprefix("http://").split(":")
    head = b"POST /filter?color=red HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
    waiting = [socket.create_connection((host, int(port))) for _ in range(2 * Settings().max_posts)]
    try:
        for client in waiting:
            client.settimeout(30 * PATIENCE)
            client.sendall(head)
            assert client.recv(100).startswith(b"HTTP/1.1 100 ")  # the body is being read
            client.sendall(b"x")
        assert httpx.post(f"{server}/filter?color=red", content=PNG).status_code == 200
    finally:
        for client in waiting:
            client.close()


def test_eight_clients_at_once_get_their_own_pictures(server):
    def post_fifty(number):
        color = np.array([31 * number + 7, 255 - 30 * number, 16 * number], np.uint8)
        own = np.broadcast_to(color, (40, 60, 3))
        kind = {"json": {"image": "data:image/png;base64," + base64.b64encode(saved(own)).decode(), "color": "#ffffff"}}
        if number % 2:
            kind = {"content": saved(own), "params": {"color": "original"}}
        with httpx.Client(base_url=server, timeout=60) as client:
            return sum(np.array_equal(picture(client.post("/filter", **kind)), own) for _ in range(50))

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(post_fifty, range(8))) == 400


def test_truncations_and_500_mutations_are_answered_or_refused(client):
    rng = random.Random(5)
    files = list(corpus().values())
    statuses = {200: 0, 413: 0, 415: 0}
    for number in range(700):
        data = bytearray(rng.choice(files))
        if number < 200:
            del data[rng.randrange(len(data)) :]
        for _ in range(rng.choice((1, 3, 20)) if data and number >= 200 else 0):
            data[rng.randrange(len(data))] = rng.randrange(256)
        response = client.post("/filter?color=red", content=bytes(data))
        statuses[response.status_code] += 1
    assert statuses[200] > 50
    assert statuses[415] > 200


def test_the_page_is_still_streamlits(client, server):
    assert '<div id="root">' in client.get("/").text
    with connect(server.replace("http", "ws") + "/_stcore/stream", subprotocols=["streamlit"]) as page:
        assert page.subprotocol == "streamlit"
    assert client.put("/_stcore/upload_file/x/y", content=b"").status_code in (400, 403)


def test_streamlits_configuration_beside_the_page_applies(client):
    assert client.get("/app/static/hello.txt").text == "hello"


def test_a_load_balancer_is_told_whether_there_is_room(client):
    response = client.get("/ready")
    assert response.status_code == 200
    assert int(response.text.split()[0]) >= 1


def test_below_a_base_path_the_api_is_there_too(tmp_path):
    with running(tmp_path, STREAMLIT_SERVER_BASE_URL_PATH="/lab", COLORFILTER_METRICS="true") as url:
        assert url.endswith("/lab")
        assert "colors" in httpx.get(f"{url}/filter").json()
        assert picture(httpx.post(f"{url}/filter?color=red", content=PNG)).shape == blocks().shape
        assert httpx.get(f"{url}/ready").text.endswith("places\n")
        assert httpx.get(f"{url}/openapi.json").json()["servers"] == [{"url": "/lab"}]
        assert "colorfilter_" in httpx.get(f"{url}/metrics").text
        assert httpx.get(f"{url}/preview.jpg").headers["content-type"] == "image/jpeg"
        assert '<div id="root">' in httpx.get(f"{url}/").text


def test_the_secrets_beside_the_page_count_and_what_is_wrong_there_is_logged_at_the_start(tmp_path):
    with running(tmp_path, "metrics = true\nmax_body_mb = 0.5\nmax_live = 'many'\n") as url:
        assert "colorfilter_" in httpx.get(f"{url}/metrics").text
        assert httpx.get(f"{url}/filter").json()["limits"]["body_bytes"] == 500_000
        events = [
            json.loads(line)
            for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines()
            if line.startswith("{")
        ]
        sentence = "max_live is a whole number from 1 on, not 'many'; it counts as not set."
        assert [(event["level"], event["event"]) for event in events] == [("warning", sentence)]


def test_figures_are_there_only_where_they_are_asked_for(client, tmp_path):
    assert "colorfilter_" not in client.get("/metrics").text  # Streamlit answers what nobody else does with its page
    with running(tmp_path, COLORFILTER_METRICS="true", COLORFILTER_MAX_LIVE="7") as url:
        httpx.post(f"{url}/filter?color=red", content=PNG)
        httpx.post(f"{url}/filter?color=red", content=b"no picture")
        answer = httpx.get(f"{url}/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        figures = {s.name + "".join(s.labels.values()): s.value
                   for family in text_string_to_metric_families(answer.text) for s in family.samples}  # fmt: skip
        assert figures["colorfilter_stills_total200"] == 1
        assert figures["colorfilter_stills_total415"] == 1
        assert figures["colorfilter_viewers"] == 0
        assert figures["colorfilter_free_places"] == 7
        assert figures["process_resident_memory_bytes"] > 0
    events = [
        json.loads(line) for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines() if line.startswith("{")
    ]
    assert [(event["event"], event["status"]) for event in events] == [("still filtered", 200), ("still refused", 415)]
    assert "127.0.0.1" not in str(events)


@pytest.mark.parametrize(("trusted", "address"), [("", "127.0.0.1"), ("127.0.0.1", "203.0.113.9")])
def test_a_forwarded_address_is_believed_from_a_named_proxy_alone(trusted, address, tmp_path):
    with running(tmp_path, COLORFILTER_LOG_ADDRESSES="true", COLORFILTER_TRUSTED_PROXIES=trusted) as url:
        forged = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
        httpx.post(f"{url}/filter?color=red", content=b"no picture", headers=forged)
    [event] = [
        json.loads(line) for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines() if line.startswith("{")
    ]
    assert event["address"] == address


def test_an_ipv6_address_is_printed_as_a_link_that_opens(tmp_path):
    with running(tmp_path, address="::1") as url:
        assert f"URL: {url}\n" in (tmp_path / "log").read_text(encoding="utf-8")


TELL_LOOKUPS = """
import socket
known = socket.getaddrinfo
def told(host, *args, **options):
    if host not in ("127.0.0.1", "localhost", None):
        print("looked up", host, flush=True)
    return known(host, *args, **options)
socket.getaddrinfo = told
"""


def test_a_foreign_page_makes_the_server_ask_nobody(tmp_path):
    """Streamlit asks an outside host for its own address there, and waits, on the event loop."""
    with running(tmp_path, before=TELL_LOOKUPS) as url:
        with pytest.raises(InvalidStatus, match="403"):
            connect(f"{url}/_stcore/stream".replace("http", "ws"), origin="https://foreign.example")
        assert httpx.get(f"{url}/_stcore/health").status_code == 200
        assert "looked up" not in (tmp_path / "log").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["METRICS", "LOG_ADDRESSES", "DRAIN_SECONDS", "MAX_BODY_MB"])
def test_a_setting_that_is_wrong_is_said_once_as_the_server_starts(name, monkeypatch, caplog):
    monkeypatch.setenv(f"COLORFILTER_{name}", "perhaps")
    create_app()
    [sentence] = caplog.messages
    assert re.fullmatch(f"{name.lower()} is .*, not 'perhaps'; it counts as not set.", sentence)


def test_the_page_that_is_missing_is_named():
    code = (
        "from pathlib import Path; from colorfilter import __main__ as m; from colorfilter.server import app as server"
    )
    code += (
        "; server.PAGE = Path('/nowhere.py'); server.serve.__defaults__ = (None, None, server.PAGE); m.main(['serve'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "The page /nowhere.py is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_openapi_description_is_true(server, tmp_path):
    """Every check of schemathesis but one: most data URLs that fit the description hold no picture."""
    checks = ["--exclude-checks", "positive_data_acceptance", "--max-examples", "40", "--seed", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{server}/openapi.json", *checks],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_pictures_are_filtered_in_the_workers_alone(server):
    """While they stand still no picture is answered, and the server goes on: it reads and writes none by itself."""
    data = saved(photo())
    fields = {"image": "data:image/png;base64," + base64.b64encode(data).decode(), "color": "yellow"}
    kinds = [{"content": data}, {"json": fields}]
    with httpx.Client(base_url=server, timeout=60) as client, ThreadPoolExecutor(len(kinds)) as threads:

        def post(kind):
            return client.post("/filter?color=yellow", **kind)

        assert [response.status_code for response in threads.map(post, kinds)] == [200, 200]
        workers = workers_of(server)
        assert workers
        for worker in workers:
            worker.suspend()
        posts = [threads.submit(post, kind) for kind in kinds]
        for _ in range(20):
            assert client.get("/_stcore/health").status_code == 200
        assert not any(one.done() for one in posts)
        for worker in workers:
            worker.resume()
        answers = [one.result() for one in posts]
        assert [answer.status_code for answer in answers] == [200, 200]
        # Streamlit's own compression, which would run on the event loop, lets it through.
        assert [answer.headers["content-encoding"] for answer in answers] == ["identity", "identity"]


def workers_of(server):
    """The processes that the server's process has started."""
    port = int(server.rpartition(":")[2])
    listening = [one.pid for one in psutil.net_connections("tcp") if one.status == "LISTEN" and one.laddr.port == port]
    return psutil.Process(listening[0]).children(recursive=True)
