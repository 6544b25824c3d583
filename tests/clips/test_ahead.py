import queue
import threading
from types import SimpleNamespace

import pytest

from colorfilter.clips import ahead as module
from colorfilter.clips.ahead import ahead
from tests.support.patience import PATIENCE


def counting(count, seen=None, closed=None):
    try:
        for number in range(count):
            if seen is not None:
                seen.append((number, threading.current_thread().name))
            yield number
    finally:
        if closed is not None:
            closed.append(threading.current_thread().name)


def test_the_same_items_in_a_thread_of_their_own():
    seen = []
    assert list(ahead(counting(100, seen), 2)) == list(range(100))
    assert {name for _, name in seen} == {"clip"}


def test_it_works_ahead_but_only_so_far(monkeypatch):
    full = threading.Semaphore(0)

    class Queue(queue.Queue):
        def put(self, item, timeout):
            try:
                super().put(item, timeout=timeout)
            except queue.Full:
                full.release()
                raise

    monkeypatch.setattr(module, "WAIT_S", 0.01)
    monkeypatch.setattr(module, "queue", SimpleNamespace(Queue=Queue, Full=queue.Full))
    seen = []
    items = ahead(counting(100, seen), 2)
    assert next(items) == 0
    for _ in range(3):  # it finds no room, and waits on
        assert full.acquire(timeout=30 * PATIENCE)
    assert len(seen) == 4  # one is taken, two wait, and one is in its hands
    items.close()


def test_an_error_comes_where_it_happened():
    def broken():
        yield 1
        raise ValueError("here")

    items = ahead(broken(), 5)
    assert next(items) == 1
    with pytest.raises(ValueError, match="here"):
        next(items)


def test_closing_ends_the_thread_and_closes_the_items_there():
    closed = []
    items = ahead(counting(10**9, closed=closed), 2)
    next(items)
    items.close()
    assert closed == ["clip"]
    assert "clip" not in {thread.name for thread in threading.enumerate()}
