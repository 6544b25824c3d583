"""Networks for the tests: a viewer's and the app's, which see each other only as far as a third lets them; and TURN."""

import contextlib
import ctypes
import os
import subprocess
import sys
import tempfile

from tests.support.patience import until
from tests.support.processes import written
from tests.support.server import HERE, Here

VIEWER, APP = "10.203.1.2", "10.203.2.2"
PUBLIC, GATEWAY = "10.203.1.1", "10.203.2.1"  # the middle's addresses; TURN is at the first, for both
PAGE_PORTS, TURN_PORT, TLS_PORT = range(8501, 8531), 3478, 443
CLONE_NEWNET = 0x40000000  # linux/sched.h
ASK = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1])"


def run(*command, **options):
    """Run a command; what it printed is in the error if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")


def set_namespace(file):
    """Move this thread to a network namespace, setns(2)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(file.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class Namespace(Here):
    """A network namespace with one address."""

    def __init__(self, name, address):
        self.name, self.address = f"colorfilter-{os.getpid()}-{name}", address
        self._ports = iter(PAGE_PORTS)
        self.enter = ("ip", "netns", "exec", self.name)
        run("ip", "netns", "add", self.name)
        # A second after a cable is there it would get an IPv6 address, and Chromium then drops what it is loading.
        self.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        self.run("ip", "link", "set", "lo", "up")

    def run(self, *command, **options):
        run(*self.enter, *command, **options)

    @contextlib.contextmanager
    def entered(self):
        with (
            open("/proc/thread-self/ns/net", encoding="utf-8") as before,
            open(f"/run/netns/{self.name}", encoding="utf-8") as here,
        ):
            set_namespace(here)
            try:
                yield
            finally:
                set_namespace(before)

    def plug_in(self, gateway):
        """The cable's end, in which there is no route while it is out."""
        self.run("ip", "link", "set", "wire", "up")
        self.run("ip", "route", "add", "default", "via", gateway)

    def free_port(self):
        return next(self._ports)

    def answers(self, url):
        return subprocess.run([*self.enter, sys.executable, "-c", ASK, url], capture_output=True).returncode == 0

    def starter(self, folder):
        """What makes of the browser's path that of a script that starts it in here."""

        def through(path):
            script = folder / f"chromium-{self.name}.sh"
            script.write_text(f'#!/bin/sh\nexec {" ".join(self.enter)} {path} "$@"\n')
            script.chmod(0o755)
            return str(script)

        return through


class Network:
    """viewer - middle - app, three namespaces. The middle has the TURN server and says what passes."""

    def __init__(self):
        self._spaces = []

    def __enter__(self):
        try:
            self.viewer, self.middle, self.app = (
                self._space(*space) for space in [("viewer", VIEWER), ("middle", PUBLIC), ("app", APP)]
            )
            self._connect(self.viewer, VIEWER, PUBLIC)
            self._connect(self.app, APP, GATEWAY)
            self.middle.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        except BaseException:
            self.__exit__()
            raise
        return self

    def _space(self, name, address):
        self._spaces.append(Namespace(name, address))
        return self._spaces[-1]

    def _connect(self, space, address, gateway):
        """A cable from there to the middle."""
        end = f"to-{space.name.rsplit('-', 1)[1]}"
        run(*f"ip link add wire netns {space.name} type veth peer {end} netns {self.middle.name}".split())
        space.run("ip", "address", "add", f"{address}/24", "dev", "wire")
        self.middle.run("ip", "address", "add", f"{gateway}/24", "dev", end)
        self.middle.run("ip", "link", "set", end, "up")
        space.plug_in(gateway)

    def __exit__(self, *error):
        for space in self._spaces:
            run("ip", "netns", "delete", space.name)

    def let_pass(self, *, between, to_turn):
        """Have the middle drop all but the page, what nft says in `between` the two, and `to_turn` from the viewer."""
        rules = f"""
            flush ruleset
            table inet reach {{
                chain between {{
                    type filter hook forward priority 0; policy drop;
                    tcp dport {PAGE_PORTS[0]}-{PAGE_PORTS[-1]} accept
                    tcp sport {PAGE_PORTS[0]}-{PAGE_PORTS[-1]} accept
                    {between}
                }}
                chain to_turn {{
                    type filter hook input priority 0; policy accept;
                    iifname "to-viewer" {to_turn} accept
                    iifname "to-viewer" drop
                }}
            }}
        """
        self.middle.run("nft", "-f", "-", input=rules)


class TurnServer:
    """coturn with a shared secret, over UDP, TCP and, with a certificate, TLS. Leave the `with` block to stop it."""

    SECRET = "north sea"

    def __init__(self, folder, place=HERE, certificate=None):
        self.address, self.port = place.address, TURN_PORT if place is not HERE else HERE.free_port()
        config = folder / f"turnserver-{self.port}.conf"
        lines = [
            f"listening-ip={self.address}",
            f"relay-ip={self.address}",
            f"listening-port={self.port}",
            "use-auth-secret",
            f"static-auth-secret={self.SECRET}",
            "realm=colorfilter",
            "allow-loopback-peers",
            "no-cli",
            "log-file=stdout",
            "simple-log",
            "verbose",
            f"pidfile={folder}/turnserver.pid",
            f"userdb={folder}/turndb",
            *([f"cert={certificate}", f"pkey={certificate}", f"tls-listening-port={TLS_PORT}"] if certificate else []),
            *([] if certificate else ["no-tls", "no-dtls"]),
        ]
        config.write_text("\n".join(lines) + "\n")
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the server stops)
        self._process = subprocess.Popen(
            [*place.enter, "turnserver", "-c", str(config)], cwd=folder, stdout=self._output, stderr=subprocess.STDOUT
        )

    def __enter__(self):
        def opened():
            assert self._process.poll() is None, f"The TURN server did not start:\n{self.log()}"
            return "UDP listener opened" in self.log()

        try:
            until(opened, told=self.log)
        except BaseException:
            self.__exit__()
            raise
        return self

    def log(self):
        return written(self._output)

    def __exit__(self, *error):
        self._process.terminate()
        self._process.wait()
        self._output.close()
