"""deploy/haproxy/haproxy.cfg in the real HAProxy, before stand-ins for replicas: names, TLS, and how it stops.

What it does for viewers is in browser/test_balancer.py.
"""

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

pytestmark = pytest.mark.deploy


class Replica:
    """Answers with its address; /ready with `ready`; /slow once `finish` is set. Leave the `with` block to stop it."""

    def __init__(self, address, port):
        self.address, self.ready, self.finish, self.asked = address, 200, threading.Event(), threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler):
                if handler.path == "/slow":
                    self.asked.set()
                    self.finish.wait(30)
                handler.send_response(self.ready if handler.path == "/ready" else 200)
                handler.send_header("Content-Length", len(address))
                handler.end_headers()
                if handler.path not in ("/ready", "/_stcore/health"):  # which HAProxy does not wait for
                    handler.wfile.write(address.encode())

            def log_message(handler, *args):
                pass

        self._server = ThreadingHTTPServer((address, port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
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
    for _ in range(200):
        states = list(balancer.states().values())
        if states.count("UP") == count == sum(state not in ("MAINT", "no check") for state in states):
            return {httpx.get(balancer.url).text for _ in range(2 * count)}
        threading.Event().wait(0.1)
    raise AssertionError(f"{count} were to be up: {states}\n{balancer.log()}")


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
        # A certificate authority asks over plain HTTP, and whoever answers it has just been started.
        challenge = balancer.url + "/.well-known/acme-challenge/x"
        assert httpx.get(challenge).status_code == 503
        names.addresses = [authority.address]
        for _ in range(100):
            if httpx.get(challenge).status_code == 200:
                break
            threading.Event().wait(0.1)
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
