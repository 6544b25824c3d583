"""The load balancer as it is deployed, HAProxy with deploy/haproxy/haproxy.cfg, in front of replicas on loopback."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import httpx

from tests.support.patience import until
from tests.support.processes import written

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "haproxy" / "haproxy.cfg"
SAMPLE = re.compile(r'haproxy_server_(\w+){proxy="(\w+)",server="(\w+)"(?:,\w+="(\w+)")?} (\d+)')


def haproxy():
    """The path of HAProxy. Fails if there is none."""
    found = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
    if found is None:
        raise RuntimeError("There is no HAProxy; run `make haproxy`.")
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Balancer:
    """HAProxy with these variables, on free ports; leave the `with` block to stop it."""

    def __init__(self, configuration=CONFIGURATION, **environment):
        page, stats = free_port(), free_port()
        self.url, self._stats = f"http://127.0.0.1:{page}", f"http://127.0.0.1:{stats}/metrics"
        listen = {"HTTP": f"127.0.0.1:{page}", "STATS": f"127.0.0.1:{stats}"}
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it stops)
        self.process = subprocess.Popen(
            [haproxy(), "-db", "-f", str(configuration)],
            env={**os.environ, **listen, **environment},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def log(self):
        return written(self._output)

    def _samples(self):
        """(measure, backend, server, label, value) of each server."""
        if self.process.poll() is not None:
            raise RuntimeError(f"HAProxy has ended:\n{self.log()}")
        try:
            return SAMPLE.findall(httpx.get(self._stats).text)
        except httpx.TransportError:  # not yet
            return []

    def states(self, backend="app"):
        """What each server of the backend is to it: UP, DOWN, NOLB (full: only those who are there), MAINT (none)."""
        samples = self._samples()
        return {s: state for m, b, s, state, value in samples if (m, b, value) == ("status", backend, "1")}

    def wait_for_states(self, backend="app", **wanted):
        """Wait until these servers have these states, and return the states of all."""

        def reached():
            states = self.states(backend)
            return states if wanted.items() <= states.items() else None

        return until(reached, told=self.log)

    def requests(self):
        """How many requests each server has answered so far."""
        counts = {}
        for measure, _, server, _, value in self._samples():
            if measure == "http_responses_total":
                counts[server] = counts.get(server, 0) + int(value)
        return counts

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait()
        self._output.close()
