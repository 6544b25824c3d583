"""Places for live viewers: admission by `max_live` or by the cores, and release when a viewer has left."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Literal

from colorfilter.host import metrics
from colorfilter.host.housekeeping import housekeeping
from colorfilter.host.logs import hash_session_id, log_event
from colorfilter.host.process import available_cores, free_heap_bytes, trim_heap, trim_memory
from colorfilter.host.settings import settings

# The cores that one live viewer takes at 30 frames a second, by resolution. With 10, 4 or 2 such viewers on two cores
# every picture still comes in time (`make bench`, load).
CORES_PER_VIEWER = {"480p": 0.2, "720p": 0.45, "1080p": 0.95}

# What has reached its limit of live viewers: this browser, this network, or the server.
Obstacle = Literal["browser", "address", "server"]

MAX_FREE_HEAP_BYTES = 8_000_000  # while somebody watches
TRIM_INTERVAL_S = 30.0  # after the last viewer has left, and from one trim to the next


@dataclass(frozen=True)
class Place:
    """A viewer's place: the cores that it takes, whether the viewer is still present, and how to end the connection.

    `address` is the visitor's address for the log, None if it is not logged. `source` is that address for the limit.
    `browser` is a token that all tabs of one browser share. `shown` tells whether the page is still open.
    """

    cores: float
    present: Callable[[], bool]
    end: Callable[[], object]
    address: str | None = None
    source: str | None = None
    browser: str | None = None
    shown: Callable[[], bool] = lambda: True


class Places:
    """The places of one server. Safe to use from any thread.

    `max_live` is the most viewers at once. If it is None, each viewer's resolution and the `cores` decide, by default
    those that the process may use. An empty server has room for one viewer, whatever it needs, unless it is closed.
    From one public network (`public_network`) `max_per_address` are admitted, from one browser `max_per_browser`, or
    any number if that is None.
    """

    def __init__(
        self,
        max_live: int | None = None,
        cores: float | None = None,
        max_per_address: int | None = None,
        max_per_browser: int | None = None,
    ) -> None:
        self._max_live, self._max_per_address, self._max_per_browser = max_live, max_per_address, max_per_browser
        self._cores = cores or available_cores()
        self._closed = False
        self._taken: dict[str, Place] = {}
        self._since: dict[str, float] = {}
        self._lock = threading.Lock()
        self._trimmed_at = float("-inf")
        self._in_use_at = time.monotonic()  # when somebody was last watching, or memory was last trimmed

    @property
    def taken(self) -> int:
        """How many viewers have a place."""
        return len(self._taken)

    def has(self, viewer: str) -> bool:
        """Whether the viewer has a place."""
        return viewer in self._taken

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

    def obstacle(self, viewer: str, place: Place) -> Obstacle | None:
        """Why the viewer cannot have the place; None for who has one or could."""
        with self._lock:
            return self._obstacle(viewer, place)

    def take(self, viewer: str, place: Place) -> Obstacle | None:
        """Give the viewer the place, or say why not. A viewer who has a place keeps that one."""
        with self._lock:
            if obstacle := self._obstacle(viewer, place):
                return obstacle
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
        return None

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
        self._end(lambda place: not place.present())

    def free_left(self, browser: str | None) -> None:
        """Free the places of this browser's pages that were left, and end their connections.

        A page that was loaded again so takes the place that it had, before its old connection is found silent.
        """
        if browser is not None:
            self._end(lambda place: place.browser == browser and not place.shown())

    def _end(self, is_gone: Callable[[Place], bool]) -> None:
        for viewer, place in list(self._taken.items()):
            if is_gone(place):
                self.free(viewer, "viewer gone")
                place.end()

    def _obstacle(self, viewer: str, place: Place) -> Obstacle | None:
        taken = list(self._taken.values())
        if viewer in self._taken:
            return None
        if _is_full([other.browser for other in taken], place.browser, self._max_per_browser):
            return "browser"
        sources = [public_network(other.source) for other in taken]
        if _is_full(sources, public_network(place.source), self._max_per_address):
            return "address"
        if self._closed:
            return "server"
        if self._max_live is not None:
            free = len(taken) < self._max_live
        else:
            free = sum(other.cores for other in taken) + place.cores <= self._cores
        return None if free or not taken else "server"

    def housekeep(self, now: float) -> None:
        """Free the places of absent viewers; trim memory once nobody has watched for `TRIM_INTERVAL_S`.

        While somebody watches, a burst of uploads or large pictures may leave much free memory behind: it goes back
        too, in a way that holds nobody up.
        """
        self.free_absent()
        if self._taken:
            self._in_use_at = now
            if now - self._trimmed_at >= TRIM_INTERVAL_S and free_heap_bytes() > MAX_FREE_HEAP_BYTES:
                self._trimmed_at = now
                trim_heap()
        elif now - self._in_use_at >= TRIM_INTERVAL_S:
            self._in_use_at = now
            trim_memory()


def _is_full(taken: list[str | None], one: str | None, limit: int | None) -> bool:
    return one is not None and limit is not None and taken.count(one) >= limit


def public_network(address: str | None) -> str | None:
    """The network of one household, school or the like to which limits of an address apply.

    It is a public IPv4 address, or the /64 of a public IPv6 address: a line has at least as many (RFC 6177), and its
    owner may take any of them for each connection. None for a private address, which many may share.
    """
    try:
        one = ip_address(address or "")
    except ValueError:
        return None
    one = getattr(one, "ipv4_mapped", None) or one
    return str(ip_network((one, 32 if one.version == 4 else 64), strict=False)) if one.is_global else None


_creating = threading.Lock()


def all_places() -> Places:
    """The places of this server. The first call makes them and starts their housekeeping."""
    with _creating:
        return _places_of_server()


@functools.cache
def _places_of_server() -> Places:
    given = settings()
    places = Places(
        given.max_live, max_per_address=given.max_live_per_address, max_per_browser=given.max_live_per_browser
    )
    housekeeping.add("freeing the places of absent viewers", places.housekeep)
    return places
