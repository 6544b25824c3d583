"""What visitors hold in this process's memory: photos, snapshots, clips and uploads, and a limit on all of it."""

from __future__ import annotations

import functools
import threading
from typing import Protocol
from weakref import WeakSet

from colorfilter.host.settings import settings
from colorfilter.host.streamlit_internals import uploaded_bytes

MEGA = 1_000_000
FULL = "This server holds as many files as it may at the moment. Please try again in a few minutes."


class Holder(Protocol):
    """Something of a visitor's that takes memory."""

    @property
    def held_bytes(self) -> int:
        """How much, in bytes."""
        ...


class NoRoom(Exception):
    """Visitors hold as much as they may. The message is a sentence for people."""


class VisitorsMemory:
    """Adds up what visitors hold. What is gone counts no more. Safe to use from any thread."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._holders: WeakSet[Holder] = WeakSet()
        self._lock = threading.Lock()

    def add(self, holder: Holder) -> None:
        """Count what `holder` holds from now on, for as long as it exists."""
        with self._lock:
            self._holders.add(holder)

    def held(self) -> int:
        """How many bytes are held, uploads included."""
        with self._lock:
            holders = list(self._holders)
        return sum(holder.held_bytes for holder in holders) + uploaded_bytes()

    def require(self, count: int) -> None:
        """Raise NoRoom if `count` bytes more are too many."""
        if self.held() + count > self.max_bytes:
            raise NoRoom(FULL)


@functools.cache
def visitors_memory() -> VisitorsMemory:
    """This server's."""
    return VisitorsMemory(round(settings().max_held_mb * MEGA))
