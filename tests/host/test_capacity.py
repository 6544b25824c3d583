import logging
import time

import pytest

from colorfilter.host import capacity
from colorfilter.host.capacity import CORES_PER_VIEWER, TRIM_INTERVAL_S, Place, Places
from colorfilter.host.settings import settings


def place(cores=0.2, present=True, ended=None):
    return Place(cores, lambda: present, lambda: ended.append(True) if ended is not None else None)


def test_as_many_as_max_live_and_not_one_more():
    places = Places(max_live=2)
    assert not places.take("a", place())
    assert not places.take("b", place())
    assert places.take("c", place())
    assert places.obstacle("c", place(0.2))
    assert places.taken == 2


def test_who_has_a_place_keeps_it():
    places = Places(max_live=1)
    assert not places.take("a", place())
    assert not places.take("a", place())
    assert not places.obstacle("a", place(0.2))
    assert places.taken == 1


def test_by_default_the_cores_and_the_resolutions_decide():
    places = Places(cores=2)
    admitted = 0
    while admitted < 100 and not places.take(str(admitted), place(CORES_PER_VIEWER["480p"])):
        admitted += 1
    assert admitted == int(2 / CORES_PER_VIEWER["480p"])
    places = Places(cores=2)
    assert not places.take("large", place(CORES_PER_VIEWER["1080p"]))
    assert not places.take("large too", place(CORES_PER_VIEWER["1080p"]))
    assert places.take("small", place(CORES_PER_VIEWER["480p"]))


def test_there_is_always_a_place_for_one():
    assert not Places(cores=0.1).take("a", place(CORES_PER_VIEWER["1080p"]))


def test_who_stops_or_is_gone_makes_room():
    places = Places(max_live=1)
    places.take("a", place())
    places.free("a")
    ended = []
    assert not places.take("b", place(present=False, ended=ended))
    assert places.take("c", place())
    places.free_absent()
    assert ended == [True]
    assert not places.take("c", place())


def test_a_page_that_is_loaded_again_finds_the_place_of_the_one_it_replaces():
    places, ended = Places(max_live=3), []

    def page(name, browser, shown):
        return Place(0.2, lambda: True, lambda: ended.append(name), browser=browser, shown=lambda: shown)

    for name, browser, shown in [("left", "mine", False), ("tab", "mine", True), ("other", "yours", False)]:
        places.take(name, page(name, browser, shown))
    places.free_left(None)
    assert ended == []
    places.free_left("mine")
    assert ended == ["left"]
    assert [places.has(name) for name in ("left", "tab", "other")] == [False, True, True]


def test_who_is_there_stays():
    places = Places(max_live=1)
    places.take("a", place(present=True))
    places.free_absent()
    assert places.taken == 1


def test_to_free_a_place_never_held_is_no_fault():
    Places().free("nobody")


def test_memory_is_given_back_once_nobody_has_watched_for_a_while(monkeypatch):
    given = []
    monkeypatch.setattr(capacity, "trim_memory", lambda: given.append(True))
    places, start = Places(), time.monotonic()
    places.take("a", place())
    places.housekeep(start + 100)
    assert not given
    places.free("a")
    places.housekeep(start + 100 + TRIM_INTERVAL_S - 1)
    assert not given
    places.housekeep(start + 100 + TRIM_INTERVAL_S)
    assert len(given) == 1


def test_much_free_memory_is_given_back_while_somebody_watches(monkeypatch):
    given, free = [], [0]
    monkeypatch.setattr(capacity, "trim_heap", lambda: given.append(True))
    monkeypatch.setattr(capacity, "free_heap_bytes", lambda: free[0])
    places = Places()
    places.take("a", place())
    for second, held in enumerate((0, 90_000_000, 90_000_000)):
        free[0] = held
        places.housekeep(second)
    assert len(given) == 1
    places.housekeep(1 + TRIM_INTERVAL_S)
    assert len(given) == 2


def test_free_places_are_those_of_max_live_or_of_the_cores_at_720p():
    places = Places(max_live=2)
    assert places.free_places() == 2
    places.take("a", place(CORES_PER_VIEWER["1080p"]))
    assert places.free_places() == 1
    places = Places(cores=2)
    assert places.free_places() == int(2 / CORES_PER_VIEWER["720p"])
    places.take("a", place(2 - CORES_PER_VIEWER["720p"]))
    assert places.free_places() == 1
    places.take("b", place(CORES_PER_VIEWER["720p"]))
    assert places.free_places() == 0
    assert Places(cores=0.1).free_places() == 1


def test_once_closed_nobody_comes_and_nobody_goes():
    places = Places()
    places.take("a", place())
    places.close()
    assert not places.take("a", place())
    assert not places.obstacle("a", place(0.2))
    assert places.take("b", place())
    assert places.free_places() == 0
    places.free("a")
    assert places.take("b", place())


def test_the_log_tells_who_came_was_refused_and_went(caplog):
    with caplog.at_level(logging.INFO, "colorfilter"):
        places = Places(max_live=1)
        places.take("a", Place(0.2, lambda: False, lambda: None, "192.0.2.1"))
        places.take("a", place())
        places.refuse("b")
        places.free("nobody")
        places.free_absent()
        places.take("b", place())
        places.free("b")
    told = [(record.getMessage(), record.fields["live"], record.fields.get("address")) for record in caplog.records]
    assert told == [
        ("viewer started", 1, "192.0.2.1"),
        ("viewer refused", 1, None),
        ("viewer gone", 0, "192.0.2.1"),
        ("viewer started", 1, None),
        ("viewer stopped", 0, None),
    ]
    assert len({record.fields["viewer"] for record in caplog.records}) == 2


def test_a_server_has_its_places_once(monkeypatch):
    capacity._places_of_server.cache_clear()
    monkeypatch.setenv("COLORFILTER_MAX_LIVE", "3")
    assert capacity.all_places().free_places() == 3
    monkeypatch.setenv("COLORFILTER_MAX_LIVE", "4")
    settings.cache_clear()
    assert capacity.all_places().free_places() == 3


def from_there(source=None, browser=None):
    return Place(0.2, lambda: True, lambda: None, None, source, browser)


def test_one_public_address_has_a_limit_of_its_own():
    places = Places(max_live=10, max_per_address=2)
    taken = [places.take(str(count), from_there("198.41.0.4")) for count in range(3)]
    assert taken == [None, None, "address"]
    assert places.obstacle("2", from_there("198.41.0.4")) == "address"
    assert not places.take("0", from_there("198.41.0.4"))  # who has a place keeps it
    assert not places.take("other", from_there("2001:500:2::c"))
    places.free("0")
    assert not places.take("2", from_there("198.41.0.4"))


def test_a_line_has_one_limit_for_all_its_ipv6_addresses():
    """Its router gets a /64 at least (RFC 6177), which is 2^64 addresses to choose from."""
    places = Places(max_live=10, max_per_address=2)
    taken = [places.take(str(count), from_there(f"2a00:1450:4001:82a::{count}")) for count in range(3)]
    assert taken == [None, None, "address"]
    assert not places.take("next door", from_there("2a00:1450:4001:82b::1"))


def test_an_ipv4_address_is_the_same_in_ipv6s_writing():
    places = Places(max_live=10, max_per_address=2)
    taken = [places.take(one, from_there(one)) for one in ("::ffff:198.41.0.4", "198.41.0.4", "::ffff:c629:4")]
    assert taken == [None, None, "address"]


@pytest.mark.parametrize(
    "source", [None, "", "10.0.0.1", "127.0.0.1", "::1", "fd00::1", "unknown", "::ffff:10.0.0.1", "fe80::1%eth0"]
)
def test_an_address_that_may_be_anybodys_has_none(source):
    places = Places(max_live=10, max_per_address=2)
    assert not any(places.take(str(count), from_there(source)) for count in range(10))


def test_one_browser_has_a_limit_of_its_own_whatever_its_address():
    places = Places(max_live=10, max_per_browser=2)
    taken = [places.take(str(count), from_there(f"198.41.0.{count}", "a")) for count in range(3)]
    assert taken == [None, None, "browser"]
    assert not places.take("3", from_there("198.41.0.4", "b"))
    assert not places.take("4", from_there("198.41.0.4"))
