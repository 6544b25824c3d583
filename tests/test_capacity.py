import logging
import time

import pytest

from colorfilter import capacity
from colorfilter.capacity import CORES, TIDY_EVERY, Place, Places, max_live_from


def place(cores=0.2, present=True, ended=None):
    return Place(cores, lambda: present, lambda: ended.append(True) if ended is not None else None)


def test_as_many_as_max_live_and_not_one_more():
    places = Places(max_live=2)
    assert places.take("a", place())
    assert places.take("b", place())
    assert not places.take("c", place())
    assert not places.room_for("c", 0.2)
    assert places.taken == 2


def test_who_has_a_place_keeps_it():
    places = Places(max_live=1)
    assert places.take("a", place())
    assert places.take("a", place())
    assert places.room_for("a", 0.2)
    assert places.taken == 1


def test_by_default_the_cores_and_the_resolutions_decide():
    places = Places(cores=2)
    admitted = 0
    while places.take(str(admitted), place(CORES["480p"])):
        admitted += 1
    assert admitted == int(2 / CORES["480p"])
    places = Places(cores=2)
    assert places.take("large", place(CORES["1080p"]))
    assert places.take("large too", place(CORES["1080p"]))
    assert not places.take("small", place(CORES["480p"]))


def test_there_is_always_a_place_for_one():
    assert Places(cores=0.1).take("a", place(CORES["1080p"]))


def test_who_stops_or_is_gone_makes_room():
    places = Places(max_live=1)
    places.take("a", place())
    places.free("a")
    ended = []
    assert places.take("b", place(present=False, ended=ended))
    assert not places.take("c", place())
    places.free_the_absent()
    assert ended == [True]
    assert places.take("c", place())


def test_who_is_there_stays():
    places = Places(max_live=1)
    places.take("a", place(present=True))
    places.free_the_absent()
    assert places.taken == 1


def test_to_free_a_place_never_held_is_no_fault():
    Places().free("nobody")


def test_memory_is_given_back_once_nobody_has_watched_for_a_while(monkeypatch):
    given = []
    monkeypatch.setattr(capacity, "give_back_freed_memory", lambda: given.append(True))
    places, start = Places(), time.monotonic()
    places.take("a", place())
    places._tidy(start + 100)
    assert not given
    places.free("a")
    places._tidy(start + 100 + TIDY_EVERY - 1)
    assert not given
    places._tidy(start + 100 + TIDY_EVERY)
    assert len(given) == 1


@pytest.mark.parametrize(("setting", "number"), [(None, None), ("", None), ("3", 3), (5, 5)])
def test_the_setting(setting, number):
    assert max_live_from(setting) == number


@pytest.mark.parametrize("setting", ["many", "0", "-1", "2.5", [1]])
def test_a_wrong_setting_gets_one_clear_sentence_and_the_default(setting, caplog):
    with caplog.at_level(logging.WARNING):
        assert max_live_from(setting) is None
    assert len(caplog.records) == 1
    assert repr(setting) in caplog.text
