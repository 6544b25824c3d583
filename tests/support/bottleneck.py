"""A line between two network namespaces: a rate that changes with time, a queue, a delay and loss. Linux, as root.

    with Bottleneck(Line("0:5M,12:400k,24:5M", delay_s=0.025)) as line:
        ... a server at line.app, a browser at line.viewer ...
        line.start()

The kernel gives each packet to a TUN device; a process of its own, this module, carries it to the other side.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from tests.support.networks import Namespace, run

APP, VIEWER = "10.204.1.1", "10.204.1.2"
DEVICE = "line"
MTU = 1500
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000  # linux/if_tun.h
UNITS = {"k": 1e3, "M": 1e6, "G": 1e9}
EASY = "100M"  # the way back
EASY_BITRATE = 100e6


@dataclass(frozen=True)
class Line:
    """What lies between the app and the viewer.

    `down`, from the app to the viewer, is a rate ("1M", bits a second) or steps of it ("0:5M,12:400k", seconds from
    the start: rate). `queue_s` is how long a packet waits at most for those before it; one that would wait longer is
    dropped. `delay_s` is added each way, and the share `loss` of the packets is lost at random each way.
    """

    down: str = EASY
    delay_s: float = 0.0
    queue_s: float = 0.2
    loss: float = 0.0
    seed: int = 1

    def carries(self, bitrate: float, start: float, end: float) -> bool:
        """Whether the way down has at least that rate all through a time, seconds from its start."""
        trace = steps(self.down)
        ends = [at for at, _ in trace[1:]] + [float("inf")]
        return all(rate >= bitrate for (at, rate), until in zip(trace, ends, strict=True) if at < end and until > start)


def steps(trace: str) -> list[tuple[float, float]]:
    """(seconds, bits a second) of each step of a trace."""
    pairs = [part.rsplit(":", 1) if ":" in part else ["0", part] for part in trace.split(",")]
    return [(float(at), float(rate[:-1]) * UNITS[rate[-1]]) for at, rate in pairs]


class Bottleneck:
    """The line, and the namespaces at its ends. Leave the `with` block to take it down."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._spaces: list[Namespace] = []

    def __enter__(self) -> Bottleneck:
        try:
            self.app, self.viewer = self._space("app", APP), self._space("viewer", VIEWER)
            line = self._line
            told = [self.app.name, self.viewer.name, line.down, line.delay_s, line.queue_s, line.loss, line.seed]
            command = [sys.executable, "-m", "tests.support.bottleneck", *map(str, told)]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            assert self._process.stdout is not None
            if self._process.stdout.readline() != "ready\n":
                raise RuntimeError("The bottleneck did not start.")
        except BaseException:
            self.__exit__()
            raise
        return self

    def _space(self, name: str, address: str) -> Namespace:
        self._spaces.append(Namespace(name, address))
        return self._spaces[-1]

    def start(self) -> None:
        """The first of the trace's seconds is now; until then the way down is as easy as the way back."""
        assert self._process.stdin is not None
        self._process.stdin.write("start\n")
        self._process.stdin.flush()

    def __exit__(self, *error: object) -> None:
        if hasattr(self, "_process"):
            self._process.kill()
            self._process.communicate()
        for space in self._spaces:
            run("ip", "netns", "delete", space.name)


class Way:
    """One direction: reads packets from a device, writes them to the other when they are due."""

    def __init__(self, source: int, sink: int, trace: str, line: Line, seed: int) -> None:
        self._source, self._sink, self._steps = source, sink, steps(trace)
        self._line, self._random = line, random.Random(seed)
        self._due: list[tuple[float, int, bytes]] = []
        self._free_at, self._count = 0.0, 0
        self.started: float | None = None

    def run(self) -> None:
        while True:
            now = time.monotonic()
            while self._due and self._due[0][0] <= now:
                os.write(self._sink, heapq.heappop(self._due)[2])
            wait = max(0.0, self._due[0][0] - now) if self._due else 1.0
            if select.select([self._source], [], [], wait)[0]:
                self._take(os.read(self._source, 1 << 16), time.monotonic())

    def _take(self, packet: bytes, now: float) -> None:
        self._free_at = max(self._free_at, now)
        if self._free_at - now > self._line.queue_s or self._random.random() < self._line.loss:
            return
        self._free_at += 8 * len(packet) / self._rate(now)
        self._count += 1
        heapq.heappush(self._due, (self._free_at + self._line.delay_s, self._count, packet))

    def _rate(self, now: float) -> float:
        if self.started is None:
            return EASY_BITRATE
        return next(rate for at, rate in reversed(self._steps) if at <= now - self.started)


def device(space: str, address: str) -> int:
    """A TUN device in a namespace; the descriptor that has its packets."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    named = fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", b"line%d", IFF_TUN | IFF_NO_PI))
    name = named[:16].rstrip(b"\0").decode()  # the kernel has put a number for %d
    run("ip", "link", "set", name, "netns", space)
    run("ip", "-n", space, "link", "set", name, "name", DEVICE)
    run("ip", "-n", space, "address", "add", f"{address}/24", "dev", DEVICE)
    run("ip", "-n", space, "link", "set", DEVICE, "mtu", str(MTU), "up")
    return descriptor


def main(app: str, viewer: str, down: str, *rest: str) -> None:
    line = Line(down, *map(float, rest[:3]), int(rest[3]))
    ends = device(app, APP), device(viewer, VIEWER)
    ways = [Way(*ends, down, line, line.seed), Way(*reversed(ends), EASY, line, line.seed + 1)]
    for way in ways:
        threading.Thread(target=way.run, daemon=True).start()
    print("ready", flush=True)
    for _ in sys.stdin:  # until who started it is gone
        for way in ways:
            way.started = time.monotonic()


if __name__ == "__main__":
    main(*sys.argv[1:])
