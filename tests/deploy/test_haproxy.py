"""deploy/haproxy/haproxy.cfg in the real HAProxy, before stand-ins for replicas: names, TLS, and how it stops.

What it does for viewers is in browser/test_balancer.py.
"""

import contextlib
import gzip
import signal
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from dnslib import QTYPE, RR, A
from dnslib.server import BaseResolver, DNSServer

from tests.support.balancer import CONFIGURATION, Balancer, free_port, haproxy
from tests.support.certificates import self_signed_certificate
from tests.support.networks import Namespace, run
from tests.support.patience import until

pytestmark = pytest.mark.deploy

COMPRESSIBLE = b"const red = [255, 0, 0];\n" * 1000


class Replica:
    """Answers GET with its address, POST with the length of the body; leave the `with` block to stop it.

    /ready is answered with `ready`, /slow once `finish` is set, /as/CODING/TYPE/SUBTYPE with `COMPRESSIBLE` of that
    coding and type.
    """

    def __init__(self, address, port):
        self.address, self.ready = address, 200
        self.finish, self.asked, self.posted = threading.Event(), threading.Event(), threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler):
                if handler.path == "/slow":
                    self.asked.set()
                    self.finish.wait(30)
                if handler.path.startswith("/as/"):
                    return self._send_typed(handler)
                handler.send_response(self.ready if handler.path == "/ready" else 200)
                handler.send_header("Content-Length", len(address))
                handler.end_headers()
                if handler.path not in ("/ready", "/_stcore/health"):  # which HAProxy does not wait for
                    self.forwarded = handler.headers.get_all("X-Forwarded-For")
                    self.proto = handler.headers.get("X-Forwarded-Proto")
                    handler.wfile.write(address.encode())

            def do_POST(handler):
                self.posted.set()
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                handler.send_response(200)
                handler.end_headers()
                handler.wfile.write(str(len(body)).encode())

            def log_message(handler, *args):
                pass

        self._server = ThreadingHTTPServer((address, port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _send_typed(self, handler):
        coding, media_type = handler.path.removeprefix("/as/").split("/", 1)
        body = gzip.compress(COMPRESSIBLE) if coding == "gzip" else COMPRESSIBLE
        handler.protocol_version = "HTTP/1.1"  # HAProxy compresses no answer in HTTP/1.0
        handler.send_response(200)
        handler.send_header("Connection", "close")
        if coding == "gzip":
            handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Type", media_type)
        handler.send_header("Content-Length", len(body))
        handler.end_headers()
        handler.wfile.write(body)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()

    def stop(self):
        """Listen no more: who connects is refused."""
        self._server.shutdown()
        self._server.server_close()


class Names(BaseResolver):
    """A DNS server that answers any name with `addresses`; leave the `with` block to stop it."""

    def __init__(self):
        self.addresses, port = [], free_port()
        self.address = f"127.0.0.1:{port}"
        self._server = DNSServer(self, "127.0.0.1", port)
        self._server.start_thread()

    def resolve(self, request, handler):
        reply = request.reply()
        if request.q.qtype == QTYPE.A:
            for address in self.addresses:
                reply.add_answer(RR(request.q.qname, rdata=A(address), ttl=1))
        return reply

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._server.stop()
        self._server.server.server_close()


@pytest.fixture
def replicas():
    """Three on one port, as containers are."""
    port = free_port()
    with Replica("127.0.0.2", port) as one, Replica("127.0.0.3", port) as two, Replica("127.0.0.4", port) as three:
        yield port, [one, two, three]


def up(balancer, count):
    """Wait until so many replicas are up; the addresses of those that then answer."""

    def are_up():
        states = list(balancer.states().values())
        return states.count("UP") == count == sum(state not in ("MAINT", "no check") for state in states)

    until(are_up, told=lambda: f"{count} were to be up: {balancer.states()}\n{balancer.log()}")
    return {httpx.get(balancer.url).text for _ in range(2 * count)}


def test_replicas_come_and_go_with_the_answers_of_dns(replicas):
    """As `docker compose up --scale app=N` and a HorizontalPodAutoscaler change them."""
    port, [one, two, three] = replicas
    with Names() as names, Balancer(APP_HOST="app", APP_PORT=str(port), DNS=names.address) as balancer:
        names.addresses = [one.address]
        assert up(balancer, 1) == {one.address}
        names.addresses = [one.address, two.address, three.address]
        assert up(balancer, 3) == {one.address, two.address, three.address}
        with httpx.Client(base_url=balancer.url) as viewer:
            own = viewer.get("/").text
            assert {viewer.get("/").text for _ in range(6)} == {own}
            names.addresses = [own]
            assert up(balancer, 1) == {own}
            names.addresses = [three.address, own, two.address]
            up(balancer, len(set(names.addresses)))
            assert viewer.get("/").text == own  # whatever slot it has now


def test_who_is_full_keeps_its_viewers_and_gets_no_new_ones(replicas):
    port, [one, two, _] = replicas
    with Balancer(REPLICA_1=f"{one.address}:{port}", REPLICA_2=f"{two.address}:{port}") as balancer:
        balancer.wait_for_states(app1="UP", app2="UP")
        with httpx.Client(base_url=balancer.url) as viewer:
            own = {replica.address: replica for replica in (one, two)}[viewer.get("/").text]
            other = two if own is one else one
            own.ready = 503
            balancer.wait_for_states(**{"app1" if own is one else "app2": "NOLB"})
            assert {httpx.get(balancer.url).text for _ in range(6)} == {other.address}
            assert {viewer.get("/").text for _ in range(3)} == {own.address}
            other.ready = 503
            balancer.wait_for_states(app1="NOLB", app2="NOLB")
            assert {httpx.get(balancer.url).text for _ in range(6)} == {one.address, two.address}
            assert {viewer.get("/").text for _ in range(3)} == {own.address}


@contextlib.contextmanager
def two_replicas():
    """HAProxy before two replicas, and by its names for them what stands in for each."""
    port = free_port()
    with Replica("127.0.0.2", port) as one, Replica("127.0.0.3", port) as two:
        where = {"REPLICA_1": f"{one.address}:{port}", "REPLICA_2": f"{two.address}:{port}"}
        with Balancer(**where) as balancer:
            balancer.wait_for_states(app1="UP", app2="UP")
            yield balancer, {"app1": one, "app2": two}


def own_and_other(viewer, servers):
    """Where a new viewer is, and the other one, each by its name and what stands in for it."""
    address = viewer.get("/").text
    return sorted(servers.items(), key=lambda one: one[1].address != address)


def test_a_replica_that_stops_keeps_its_viewers_to_the_end_and_then_they_go_to_the_other():
    """As the app does on SIGTERM: /ready is 503, those who are there finish, and then nobody listens."""
    with two_replicas() as (balancer, servers), httpx.Client(base_url=balancer.url, timeout=60) as viewer:
        (name, own), (other_name, other) = own_and_other(viewer, servers)
        begun = []
        with httpx.Client(base_url=balancer.url, cookies=viewer.cookies, timeout=60) as download:
            reading = threading.Thread(target=lambda: begun.append(download.get("/slow").text))
            reading.start()
            assert own.asked.wait(10)
            own.ready = 503
            balancer.wait_for_states(**{name: "NOLB", other_name: "UP"})
            assert {httpx.get(balancer.url).text for _ in range(6)} == {other.address}
            assert {viewer.get("/").text for _ in range(6)} == {own.address}
            own.finish.set()
            reading.join()
        assert begun == [own.address]
        own.stop()
        answers = [viewer.get("/") for _ in range(3)]
        assert {(answer.status_code, answer.text) for answer in answers} == {(200, other.address)}
        balancer.wait_for_states(**{name: "DOWN", other_name: "UP"})
        assert {viewer.get("/").text, httpx.get(balancer.url).text} == {other.address}


def test_a_killed_replicas_visitors_go_to_the_other_before_it_is_known_to_be_down():
    with two_replicas() as (balancer, servers), httpx.Client(base_url=balancer.url) as viewer:
        (name, own), (other_name, other) = own_and_other(viewer, servers)
        cookie = viewer.cookies["replica"]
        own.stop()
        answers = [viewer.get("/"), *(httpx.get(balancer.url) for _ in range(3))]
        assert {(answer.status_code, answer.text) for answer in answers} == {(200, other.address)}
        assert viewer.cookies["replica"] != cookie
        balancer.wait_for_states(**{name: "DOWN", other_name: "UP"})
        assert viewer.get("/").text == other.address


def takes_connections(balancer):
    """Whether it still does after a moment in which it may stop to."""
    for _ in range(100):
        try:
            httpx.get(balancer.url)
        except httpx.ConnectError:
            return False
    return True


def test_it_stops_when_the_last_answer_is_given(replicas):
    port, [one, *_] = replicas
    with Balancer(REPLICA_1=f"{one.address}:{port}") as balancer:
        balancer.wait_for_states(app1="UP")
        answers = []
        viewer = threading.Thread(target=lambda: answers.append(httpx.get(f"{balancer.url}/slow", timeout=60).text))
        viewer.start()
        assert one.asked.wait(10)
        balancer.process.send_signal(signal.SIGUSR1)
        assert not takes_connections(balancer)
        assert balancer.process.poll() is None
        one.finish.set()
        viewer.join()
        assert answers == [one.address]
        assert balancer.process.wait(30) == 0


def test_with_a_certificate_pages_are_served_over_tls_alone(replicas, tmp_path):
    port, [one, authority, _] = replicas
    https, folder = free_port(), tmp_path / "certificates"
    folder.mkdir()
    certificate = self_signed_certificate(folder, "127.0.0.1")
    settings = {"CERTIFICATES": str(folder), "HTTPS": f"127.0.0.1:{https}"}
    settings |= {"REPLICA_1": f"{one.address}:{port}", "ACME_PORT": str(port)}
    with Names() as names, Balancer(DNS=names.address, **settings) as balancer:
        balancer.wait_for_states(app1="UP")
        moved = httpx.get(balancer.url + "/?filter=red", headers={"Host": "localhost"})
        assert (moved.status_code, moved.headers["location"]) == (301, "https://localhost/?filter=red")
        trusted = ssl.create_default_context(cafile=certificate)
        answer = httpx.get(f"https://127.0.0.1:{https}/", verify=trusted)
        assert answer.text == one.address
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert one.proto == "https"
        # A certificate authority asks over plain HTTP, and whoever answers it has just been started.
        challenge = balancer.url + "/.well-known/acme-challenge/x"
        assert httpx.get(challenge).status_code == 503
        names.addresses = [authority.address]
        until(lambda: httpx.get(challenge).status_code == 200)
        assert httpx.get(challenge).text == authority.address


def test_no_visitors_address_is_logged(replicas):
    port, [one, *_] = replicas
    with Balancer(REPLICA_1=f"{one.address}:{port}") as balancer:
        balancer.wait_for_states(app1="UP")
        page = int(balancer.url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", page), source_address=("127.0.0.9", 0)) as visitor:
            visitor.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert b"200 OK" in visitor.recv(4096)
        assert "127.0.0.9" not in balancer.log()


def test_haproxy_finds_no_fault_in_the_file():
    for environment in ({"APP_HOST": "app"}, {"REPLICA_1": "127.0.0.1:8501"}):
        done = subprocess.run(
            [haproxy(), "-c", "-dW", "-f", CONFIGURATION], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "path", ["/ready", "/metrics", "/_stcore/metrics", "/%72eady", "/%6detrics", "/%5Fstcore/metrics"]
)
def test_what_is_for_this_side_only_is_not_found_however_it_is_written(replicas, path):
    port, [one, *_] = replicas
    with Balancer(REPLICA_1=f"{one.address}:{port}") as balancer:
        balancer.wait_for_states(app1="UP")
        host, own_port = balancer.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(own_port)), timeout=10) as client:  # httpx would write the path anew
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            assert b" 404 " in client.recv(100)


def test_a_forged_address_is_replaced_by_the_true_one(replicas):
    port, [one, *_] = replicas
    with Balancer(REPLICA_1=f"{one.address}:{port}") as balancer:
        balancer.wait_for_states(app1="UP")
        httpx.get(balancer.url, headers={"X-Forwarded-For": "203.0.113.9"})
        assert one.forwarded == ["127.0.0.1"]


def connected(host, port):
    """A connection; None if it was reset while it was made."""
    with contextlib.suppress(ConnectionResetError):
        return socket.create_connection((host, port), timeout=10)


def is_open(client):
    """Whether the other side has left a connection open, which has sent nothing."""
    if client is None:
        return False
    client.setblocking(False)
    try:
        return client.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False


def test_one_address_has_limits_unless_it_is_a_proxy(replicas):
    port, [one, *_] = replicas
    limits = {"REPLICA_1": f"{one.address}:{port}", "MAX_REQUESTS": "50", "MAX_CONNECTIONS": "20"}
    with Balancer(**limits) as balancer:
        balancer.wait_for_states(app1="UP")
        until(lambda: httpx.get(balancer.url).status_code == 429)
        host, own_port = balancer.url.removeprefix("http://").split(":")
        clients = [connected(host, int(own_port)) for _ in range(30)]
        until(lambda: [is_open(client) for client in clients].count(False) >= 10)
        assert is_open(clients[0])
        for client in filter(None, clients):
            client.close()
    with Balancer(BEHIND_PROXY="yes", **limits) as balancer:
        balancer.wait_for_states(app1="UP")
        assert {httpx.get(balancer.url).status_code for _ in range(60)} == {200}


def test_a_body_that_does_not_come_reaches_no_replica(replicas):
    port, [one, *_] = replicas
    with Balancer(REPLICA_1=f"{one.address}:{port}") as balancer:
        balancer.wait_for_states(app1="UP")
        host, own_port = balancer.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(own_port)), timeout=10) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nConnection: close\r\n\r\nhalf")
            assert not one.posted.wait(1)
            client.sendall(b" more")
            assert one.posted.wait(5)
            assert b" 200 " in client.recv(100)
        assert httpx.post(balancer.url, content=bytes(3_000_000)).text == "3000000"


HERE, THERE = "2001:db8:0:1::", "2001:db8:0:2::"


@pytest.fixture
def ipv6():
    """This thread is on a machine of its own, with addresses in two networks."""
    space = Namespace("ipv6", f"{HERE}1")
    try:
        space.run("sysctl", "-qw", "net.ipv6.conf.lo.disable_ipv6=0")
        for address in (f"{HERE}1", f"{HERE}2", f"{HERE}3", f"{THERE}1"):
            space.run("ip", "address", "add", f"{address}/128", "dev", "lo")
        with space.entered():
            yield
    finally:
        run("ip", "netns", "delete", space.name)


def test_the_addresses_of_one_ipv6_network_have_one_limit(ipv6):
    port, replica_port = free_port(), free_port()
    listen = {"HTTP": f"[{HERE}1]:{port}", "REPLICA_1": f"127.0.0.1:{replica_port}", "MAX_REQUESTS": "50"}

    def ask(source):
        with httpx.Client(transport=httpx.HTTPTransport(local_address=source)) as client:
            return client.get(f"http://[{HERE}1]:{port}").status_code

    with Replica("127.0.0.1", replica_port), Balancer(**listen) as balancer:
        balancer.wait_for_states(app1="UP")
        assert {ask(f"{HERE}2") for _ in range(30)} == {200}
        assert [ask(f"{HERE}3") for _ in range(30)][-1] == 429
        assert ask(f"{THERE}1") == 200


def test_what_a_replica_has_not_compressed_is_and_what_it_has_stays(replicas):
    port, [one, *_] = replicas
    with Balancer(REPLICA_1=f"{one.address}:{port}") as balancer, httpx.Client(base_url=balancer.url) as client:
        balancer.wait_for_states(app1="UP")

        def sent(path, accepted="gzip"):
            """The answer's coding and how many bytes were sent; its body is the whole one."""
            with client.stream("GET", path, headers={"Accept-Encoding": accepted}) as answer:
                answer.read()
            assert answer.content == COMPRESSIBLE
            return answer.headers.get("content-encoding"), answer.num_bytes_downloaded

        for media_type in ("text/javascript; charset=utf-8", "text/css", "text/html", "application/json"):
            coding, size = sent(f"/as/none/{media_type}")
            assert (coding, size < len(COMPRESSIBLE) / 10) == ("gzip", True)
        assert sent("/as/gzip/text/javascript") == ("gzip", len(gzip.compress(COMPRESSIBLE)))
        assert sent("/as/none/video/webm") == (None, len(COMPRESSIBLE))
        assert sent("/as/none/text/javascript", "identity") == (None, len(COMPRESSIBLE))


def test_a_forged_scheme_does_not_reach_the_app(replicas):
    port, [one, *_] = replicas
    with Balancer(REPLICA_1=f"{one.address}:{port}") as balancer:
        balancer.wait_for_states(app1="UP")
        httpx.get(balancer.url, headers={"X-Forwarded-Proto": "https"})
        assert one.proto is None
