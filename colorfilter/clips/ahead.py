"""Iterators that work ahead in a thread of their own, so that decoder, filter and encoder run at the same time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

T = TypeVar("T")

WAIT_S = 0.1  # after which a thread sees that nobody wants its items any more


class _End(Exception):
    """There are no more items, because of its cause if it has one."""


def ahead(items: Iterator[T], count: int) -> Generator[T, None, None]:
    """The same items, at most `count` of which wait. Closing it ends the thread, and closes `items` there."""
    waiting: queue.Queue[tuple[T] | BaseException] = queue.Queue(count)
    unwanted = threading.Event()

    def put(item: tuple[T] | BaseException) -> None:
        while not unwanted.is_set():
            try:
                return waiting.put(item, timeout=WAIT_S)
            except queue.Full:
                pass

    def work() -> None:
        end: BaseException = _End()
        try:
            for item in items:
                put((item,))
                if unwanted.is_set():
                    break
        except BaseException as error:
            end = error
        finally:
            if isinstance(items, Generator):
                items.close()
        put(end)

    thread = threading.Thread(target=work, name="clip", daemon=True)
    thread.start()
    try:
        while True:
            got = waiting.get()
            if isinstance(got, _End):
                return
            if isinstance(got, BaseException):
                raise got
            yield got[0]
    finally:
        unwanted.set()
        thread.join()
