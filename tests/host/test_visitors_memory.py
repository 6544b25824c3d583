import gc

import pytest

from colorfilter.host import visitors_memory
from colorfilter.host.visitors_memory import NoRoom, VisitorsMemory


class Photo:
    def __init__(self, count):
        self.held_bytes = count


def test_what_visitors_hold_is_added_up_and_what_is_gone_counts_no_more(monkeypatch):
    monkeypatch.setattr(visitors_memory, "uploaded_bytes", lambda: 5)
    memory = VisitorsMemory(100)
    first, second = Photo(30), Photo(40)
    memory.add(first)
    memory.add(second)
    memory.add(second)
    assert memory.held() == 75
    second.held_bytes = 50  # a clip grows
    assert memory.held() == 85
    del first
    gc.collect()
    assert memory.held() == 55


def test_beyond_the_limit_there_is_a_sentence():
    memory, photo = VisitorsMemory(100), Photo(60)
    memory.add(photo)
    memory.require(40)
    with pytest.raises(NoRoom, match="as many files as it may"):
        memory.require(41)
