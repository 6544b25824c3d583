"""Places for live viewers: admission by `max_live` or by the cores, and release when a viewer has left."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from colorfilter.host import metrics
from colorfilter.host.housekeeping import housekeeping
from colorfilter.host.logs import hash_session_id, log_event
from colorfilter.host.process import available_cores, trim_memory
from colorfilter.host.settings import settings

# The cores that one live viewer takes at 30 frames a second, by resolution. With 10, 4 or 2 such viewers on two cores
# every picture still comes in time (`make bench`, load).
CORES_PER_VIEWER = {"480p": 0.2, "720p": 0.45, "1080p": 0.95}

TRIM_INTERVAL_S = 30.0  # after the last viewer has left, and from one trim to the next


@dataclass(frozen=True)
class Place:
    """A viewer's place: the cores that it takes, whether the viewer is still present, and how to end the connection.

    `address` is the visitor's, for the log, or None.
    """

    cores: float
    present: Callable[[], bool]
    end: Callable[[], object]
    address: str | None = None


class Places:
    """The places of one server. Safe to use from any thread.

    `max_live` is the most viewers at once. If it is None, each viewer's resolution and the `cores` decide, by default
    those that the process may use. An empty server has room for one viewer, whatever it needs, unless it is closed.
    """

    def __init__(self, max_live: int | None = None, cores: float | None = None) -> None:
        self._max_live = max_live
        self._cores = cores or available_cores()
        self._closed = False
        self._taken: dict[str, Place] = {}
        self._since: dict[str, float] = {}
        self._lock = threading.Lock()
        self._in_use_at = time.monotonic()  # when somebody was last watching, or memory was last trimmed

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
            # 1e-9: a difference of tenths may come out just below a whole number of places.
            return max(int(left / CORES_PER_VIEWER["720p"] + 1e-9), 0 if self._taken else 1)

    def close(self) -> None:
        """Admit nobody from now on. Viewers who have a place keep it."""
        self._closed = True

    def has_room_for(self, viewer: str, cores: float) -> bool:
        """Whether the viewer has a place or could take one."""
        with self._lock:
            return self._has_room_for(viewer, cores)

    def take(self, viewer: str, place: Place) -> bool:
        """Give the viewer the place; False if the server is full. A viewer who has a place keeps that one."""
        with self._lock:
            if not self._has_room_for(viewer, place.cores):
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
        """Count and log that the viewer was told that there is no place."""
        metrics.REFUSALS.inc()
        log_event("viewer refused", viewer=hash_session_id(viewer), live=self.taken, address=address)

    def free(self, viewer: str, why: str = "viewer stopped") -> None:
        """Free the viewer's place, if there is one; `why` is the event in the log."""
        with self._lock:
            place, since = self._taken.pop(viewer, None), self._since.pop(viewer, 0.0)
        if place is not None:
            seconds = round(time.monotonic() - since, 1)
            log_event(why, viewer=hash_session_id(viewer), seconds=seconds, live=self.taken, address=place.address)

    def free_absent(self) -> None:
        """Free the places of viewers who are no longer present, and end their connections."""
        for viewer, place in list(self._taken.items()):
            if not place.present():
                self.free(viewer, "viewer gone")
                place.end()

    def _has_room_for(self, viewer: str, cores: float) -> bool:
        if viewer in self._taken or self._closed:
            return viewer in self._taken
        if not self._taken:
            return True
        if self._max_live is not None:
            return len(self._taken) < self._max_live
        return sum(place.cores for place in self._taken.values()) + cores <= self._cores

    def housekeep(self, now: float) -> None:
        """Free the places of absent viewers; trim memory once nobody has watched for `TRIM_INTERVAL_S`."""
        self.free_absent()
        if self._taken:
            self._in_use_at = now
        elif now - self._in_use_at >= TRIM_INTERVAL_S:
            self._in_use_at = now
            trim_memory()


_creating = threading.Lock()


def all_places() -> Places:
    """The places of this server. The first call makes them and starts their housekeeping."""
    with _creating:
        return _places_of_server()


@functools.cache
def _places_of_server() -> Places:
    places = Places(settings().max_live)
    housekeeping.add("freeing the places of absent viewers", places.housekeep)
    return places
