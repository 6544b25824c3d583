"""Processes beside the web server's, for work that would hold up the live video.

The live video and the web server share one event loop and one interpreter lock. A process of its own takes neither.
It gives way to the video where the processor is short, and a decoder that crashes on a broken file ends it alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from multiprocessing import connection, get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, ParamSpec, TypeVar, cast

from colorfilter.host.process import available_cores, prepare_process
from colorfilter.host.settings import Settings, settings

P = ParamSpec("P")
T = TypeVar("T")

NICENESS = 19
END_WAIT_S, END_POLL_S = 2.0, 0.01  # until it is known how a process ended
MEGA = 1_000_000


class Crash(Exception):
    """The process that did the work died of it."""


class TooLong(Exception):
    """The work took more than `work_seconds` of the processor."""


class _OutOfTime(BaseException):
    """Within the work: no `except Exception` of a decoder takes this for a broken picture."""


class Workers:
    """A few processes, by default one for every two cores, started when there is work for them. Use from any thread.

    Each does one piece of work at a time, so that one that dies takes no other work along. A piece of work has
    `work_seconds` of the processor and `work_memory_mb` of memory.
    """

    def __init__(self, count: int | None = None, limits: Settings | None = None) -> None:
        self.count = count or max(1, int(available_cores()) // 2)
        self.limits = limits or settings()
        self._threads = ThreadPoolExecutor(self.count, "workers")
        self._idle: queue.SimpleQueue[ProcessPoolExecutor] = queue.SimpleQueue()
        for _ in range(self.count):
            self._idle.put(self._start())

    def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work(*args)`, both of which travel between processes.

        Raises what it raises, Crash or TooLong.
        """
        return self._submit(work, *args, **kwargs).result()

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for the event loop, which goes on meanwhile."""
        return await asyncio.wrap_future(self._submit(work, *args, **kwargs))

    def stop(self) -> None:
        """Finish running jobs, cancel queued ones, and end the processes."""
        self._threads.shutdown(cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().shutdown()

    def _start(self) -> ProcessPoolExecutor:
        # A fork of the web server would inherit its threads' locks as they happen to be.
        memory = round(self.limits.work_memory_mb * MEGA)
        return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=prepare_worker, initargs=(memory,))

    def _submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self._threads.submit(cast(Any, self._in_idle_process), work, *args, **kwargs)

    def _in_idle_process(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        process = self._idle.get()
        child = _child_of(process)
        try:
            if child is not None and connection.wait([child.sentinel], 0):  # the pool may not know of its end yet
                process.shutdown(wait=False)
                process = self._start()
            try:
                future = self._hand(process, work, *args, **kwargs)
            except BrokenProcessPool:  # it died idle, as when the system is short of memory
                process = self._start()
                future = self._hand(process, work, *args, **kwargs)
            child = _child_of(process)
            return future.result()
        except BrokenProcessPool:
            process.shutdown(wait=False)
            process = self._start()
            raise (TooLong if _was_out_of_time(child) else Crash) from None
        finally:
            self._idle.put(process)

    def _hand(self, process: ProcessPoolExecutor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        with no_main_module():
            return process.submit(cast(Any, _limited), self.limits.work_seconds, work, *args, **kwargs)


@functools.cache
def page_workers() -> Workers:
    """The page's workers. POST /filter has its own, so that no flood of requests holds up a visitor's photo."""
    return Workers()


_swapping = threading.Lock()


@contextmanager
def no_main_module() -> Iterator[None]:
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


def _limited(seconds: float, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The work, for so many seconds of the processor at most.

    The first timer's signal is Python's, which a decoder in C answers only when it is done. The second one's ends the
    process.
    """
    if not hasattr(signal, "setitimer"):
        return work(*args, **kwargs)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * seconds)
    try:
        return work(*args, **kwargs)
    except _OutOfTime:
        raise TooLong from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _child_of(process: ProcessPoolExecutor) -> BaseProcess | None:
    """The pool's one process, None before its first work."""
    return next(iter((getattr(process, "_processes", None) or {}).values()), None)


def _was_out_of_time(child: BaseProcess | None) -> bool:
    """Whether the second timer ended the process."""
    if child is None or not hasattr(signal, "SIGVTALRM"):
        return False
    deadline = time.monotonic() + END_WAIT_S
    while child.exitcode is None and time.monotonic() < deadline:  # the pool's own thread may be about to take it
        time.sleep(END_POLL_S)
    return child.exitcode == -signal.SIGVTALRM


def _stop_work(number: int, frame: FrameType | None) -> None:
    raise _OutOfTime


def _limit_memory(count: int) -> None:
    """Have a picture that needs more than `count` bytes fail with MemoryError (setrlimit(2)).

    They count beyond what the process has at its start.
    """
    with contextlib.suppress(ImportError, OSError, ValueError):  # another system
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0])  # proc(5)
        limit = pages * resource.getpagesize() + count
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def prepare_worker(memory: int) -> None:
    """In each process, first thing: leave Ctrl+C to the server, give way to the video, end when the server ends."""
    prepare_process()
    if hasattr(signal, "SIGPROF"):
        signal.signal(signal.SIGPROF, _stop_work)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _limit_memory(memory)


def _end_with_parent() -> None:
    """End this process with its parent. A server that was killed cannot tell its workers, which would wait for ever."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(0)
