"""Processes beside the web server's, for work that would hold up the live video.

The live video and the web server share one event loop and one interpreter lock. A process of its own takes neither,
gives way to the video where the processor is short, and takes nobody along if a decoder crashes on a broken file.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from multiprocessing import connection, get_context, parent_process
from types import ModuleType
from typing import ParamSpec, TypeVar

from colorfilter.host.process import available_cores, prepare_process

P = ParamSpec("P")
T = TypeVar("T")

NICENESS = 19


class Crash(Exception):
    """The process that did the work died of it, twice."""


class Workers:
    """A few processes, by default one for every two cores, started when there is work for them."""

    def __init__(self, count: int | None = None) -> None:
        self.count = count or max(1, int(available_cores()) // 2)
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        # A fork of the web server would inherit its threads' locks as they happen to be.
        return ProcessPoolExecutor(self.count, mp_context=get_context("spawn"), initializer=_prepare)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work(*args)`, both of which travel between processes. Raises what it raises, or Crash."""
        for _ in range(2):  # a crash takes the work of others along, which deserves another try
            pool = self._pool
            try:
                with _no_main_module():
                    future = pool.submit(work, *args, **kwargs)
                return await asyncio.wrap_future(future)
            except BrokenProcessPool:
                if pool is self._pool:
                    pool.shutdown(wait=False)
                    self._pool = self._start()
        raise Crash

    def stop(self) -> None:
        """Finish running jobs, cancel queued ones, and end the processes."""
        self._pool.shutdown(cancel_futures=True)


_swapping = threading.Lock()


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Start processes that import no main module: the work names its own.

    A spawned process runs the file of `__main__` (multiprocessing.spawn, get_preparation_data). Streamlit puts the
    page's script there whenever it runs, so each new process would run the page. A module whose spec ends in
    ".__main__" is left out.
    """
    stand_in = ModuleType("__main__")
    stand_in.__spec__ = ModuleSpec(f"{__package__}.__main__", None)
    with _swapping:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = stand_in
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _prepare() -> None:
    """In each process, first thing: leave Ctrl+C to the server, give way to the video, end when the server ends."""
    prepare_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A server that was killed cannot tell its processes, and they would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(0)
