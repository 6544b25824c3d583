"""Who has a place on the server, whether there is one more, and whose is free again."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from colorfilter.host import metrics
from colorfilter.host.housekeeping import housekeeping
from colorfilter.host.logs import hash_session_id, log_event
from colorfilter.host.process import available_cores, give_back_freed_memory
from colorfilter.host.settings import settings

# The share of the server's cores that one live viewer takes at 30 frames a second, by resolution: with 10, 4 and 2
# of them on two cores every picture still comes in time (`make bench`, load).
CORES = {"480p": 0.2, "720p": 0.45, "1080p": 0.95}

TRIM_INTERVAL_S = 30.0  # from the last viewer to the return of memory, and from one return to the next


@dataclass(frozen=True)
class Place:
    """A viewer's place: the cores that it takes, how to see whether the viewer is still there, and what to end.

    The visitor's address is there if the log is to have it.
    """

    cores: float
    present: Callable[[], bool]
    end: Callable[[], object]
    address: str | None = None


class Places:
    """The places of one server, safe to use from any thread.

    `max_live` is the most viewers at once; None works that out from the cores and each viewer's resolution. There is
    always a place for one, until they are closed.
    """

    def __init__(self, max_live: int | None = None, cores: float | None = None) -> None:
        self._max_live = max_live
        self._cores = cores or available_cores()
        self._closed = False
        self._taken: dict[str, Place] = {}
        self._since: dict[str, float] = {}
        self._lock = threading.Lock()
        self._in_use_at = time.monotonic()  # when somebody was watching, or memory was last given back

    @property
    def taken(self) -> int:
        """How many viewers have a place."""
        return len(self._taken)

    def free_places(self) -> int:
        """How many more viewers could take a place, each at 720p."""
        with self._lock:
            if self._closed:
                return 0
            if self._max_live is not None:
                return max(0, self._max_live - len(self._taken))
            left = self._cores - sum(place.cores for place in self._taken.values())
            # Tenths of a core make no whole number in binary.
            return max(int(left / CORES["720p"] + 1e-9), 0 if self._taken else 1)

    def close(self) -> None:
        """Give nobody a place from now on. Those who have one keep it."""
        self._closed = True

    def room_for(self, viewer: str, cores: float) -> bool:
        """Whether the viewer has a place or could take one."""
        with self._lock:
            return self._room_for(viewer, cores)

    def take(self, viewer: str, place: Place) -> bool:
        """Give the viewer the place, unless the server is full. A place once taken stays as it is."""
        with self._lock:
            if not self._room_for(viewer, place.cores):
                return False
            new = self._taken.setdefault(viewer, place) is place
            if new:
                self._since[viewer] = time.monotonic()
        if new:
            log_event(
                "viewer started",
                viewer=hash_session_id(viewer),
                cores=place.cores,
                live=self.taken,
                address=place.address,
            )
        return True

    def refuse(self, viewer: str, address: str | None = None) -> None:
        """Note that the viewer was told that there is no place."""
        metrics.REFUSALS.inc()
        log_event("viewer refused", viewer=hash_session_id(viewer), live=self.taken, address=address)

    def free(self, viewer: str, why: str = "viewer stopped") -> None:
        """The viewer has stopped, or is gone, as `why` has it in the log."""
        with self._lock:
            place, since = self._taken.pop(viewer, None), self._since.pop(viewer, 0.0)
        if place is not None:
            seconds = round(time.monotonic() - since, 1)
            log_event(why, viewer=hash_session_id(viewer), seconds=seconds, live=self.taken, address=place.address)

    def free_the_absent(self) -> None:
        """Free the places of those who are gone, and end what still runs for them."""
        for viewer, place in list(self._taken.items()):
            if not place.present():
                self.free(viewer, "viewer gone")
                place.end()

    def _room_for(self, viewer: str, cores: float) -> bool:
        if viewer in self._taken or self._closed:
            return viewer in self._taken
        if not self._taken:
            return True
        if self._max_live is not None:
            return len(self._taken) < self._max_live
        return sum(place.cores for place in self._taken.values()) + cores <= self._cores

    def housekeep(self, now: float) -> None:
        """Free the places of those who are gone; return memory to the kernel once nobody has watched for a while."""
        self.free_the_absent()
        if self._taken:
            self._in_use_at = now
        elif now - self._in_use_at >= TRIM_INTERVAL_S:
            self._in_use_at = now
            give_back_freed_memory()


_creating = threading.Lock()


def all_places() -> Places:
    """Those of this server, for every viewer, looked after from the first call on."""
    with _creating:
        return _places_of_server()


@functools.cache
def _places_of_server() -> Places:
    places = Places(settings().max_live)
    housekeeping.add("freeing the places of those who are gone", places.housekeep)
    return places
