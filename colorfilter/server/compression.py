"""Files compressed once, on a thread that gives way to everything else."""

from __future__ import annotations

import functools
import gzip
import hashlib
import itertools
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import brotli
from starlette.datastructures import Headers
from starlette.responses import Response

from colorfilter.host.logs import warn_once

NICENESS = 19

# Content codings (RFC 9110, 8.4.1), the quickest first. Level 9 takes 0.1 s for the 2.9 MB of the page's scripts;
# quality 11 takes 3.5 s and makes them a sixth smaller still.
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 9, mtime=0),
    "br": lambda data: bytes(brotli.compress(data, quality=11)),
}
SMALLEST_FIRST = tuple(reversed(ENCODERS))


def accepted_codings(accept_encoding: str) -> list[str]:
    """Those of ENCODERS that a client accepts, the smallest first.

    RFC 9110, 12.5.3. A weight counts only where it is 0, which refuses the coding; "*" asks for none of them.
    """
    accepted = set()
    for item in accept_encoding.lower().replace(" ", "").split(","):
        coding, _, weight = item.partition(";q=")
        if not weight or weight.strip("0."):
            accepted.add(coding)
    return [coding for coding in SMALLEST_FIRST if coding in accepted]


@dataclass(frozen=True)
class Encoded:
    """A body in a content coding, and its entity tag, which is that of this coding alone (RFC 9110, 8.8.3)."""

    coding: str
    data: bytes

    @functools.cached_property
    def etag(self) -> str:
        return f'"{hashlib.blake2b(self.data, digest_size=8).hexdigest()}-{self.coding}"'

    def response(self, headers: Mapping[str, str], asked: Headers) -> Response:
        """The answer to a request with the headers `asked`: 304 if the client has the body already, else 200."""
        told = {**headers, "ETag": self.etag, "Vary": "Accept-Encoding"}
        if self.etag in asked.get("if-none-match", ""):
            return Response(status_code=304, headers=told)
        coding = {"Content-Encoding": self.coding} if self.coding in ENCODERS else {}
        return Response(self.data, headers={**told, **coding})


class Compressor:
    """Compresses each file once, whoever asks for it and how often. Safe to use from any thread."""

    def __init__(self) -> None:
        self._bodies: dict[Path, dict[str, Encoded]] = {}
        # Every file with the quickest coding comes before any with the next one.
        self._work: queue.PriorityQueue[tuple[int, int, Path, str]] = queue.PriorityQueue()
        self._count = itertools.count()
        self._lock = threading.Lock()

    def get(self, file: Path, codings: list[str]) -> Encoded | None:
        """The file in the first of the codings that it is there in; None while there is none."""
        bodies = self._bodies.get(file, {})
        return next((bodies[coding] for coding in codings if coding in bodies), None)

    def add(self, file: Path) -> None:
        """Have the file compressed, unless it was added before. The first one starts the thread."""
        with self._lock:
            if file in self._bodies:
                return
            if not self._bodies:
                threading.Thread(target=self._run, name="compression", daemon=True).start()
            self._bodies[file] = {}
        for order, coding in enumerate(ENCODERS):
            self._work.put((order, next(self._count), file, coding))

    def _run(self) -> None:
        if sys.platform == "linux":  # where a thread has a priority of its own (setpriority(2))
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        while True:
            _, _, file, coding = self._work.get()
            try:
                self._bodies[file][coding] = Encoded(coding, ENCODERS[coding](file.read_bytes()))
            except (OSError, MemoryError) as error:
                warn_once(f"{file.name} goes out as it is: {error}.")
