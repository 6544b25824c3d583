"""Jobs of a minute or more, each in a process of its own, with a queue, progress and an end at any time.

Like the workers of `worker_pool.py`, a job gives way to the live video, and one that crashes takes nothing along.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Literal

from colorfilter.host.worker_pool import no_main_module, prepare_worker

logger = logging.getLogger(__name__)

# A job's function: it is told by `tell(progress)` and gives its result. It names what it cannot do by ValueError.
Work = Callable[..., Any]
State = Literal["waiting", "running", "done", "failed", "cancelled"]
CRASHED = "The file is damaged: its decoder crashed."
TOO_LONG = "This takes more of the processor's time than one job may have. Take a shorter or smaller file."
NOT_STARTED = "This cannot be made at the moment. Please try again in a few minutes."
NO_MEMORY = "This takes more memory than one job may have. Take a smaller file."


class Busy(Exception):
    """No more jobs are taken at the moment. The message is a sentence for people."""


@dataclass(frozen=True)
class Limits:
    """How many jobs run and wait at once, how many one visitor may have, and what each may take."""

    running: int = 1
    waiting: int = 8
    for_each: int = 1
    seconds: float = 900.0
    memory_bytes: int = 1_500_000_000


@dataclass(eq=False)
class Job:
    """One piece of work. `progress` is what it told last, `result` what it gave, `error` why it failed, a sentence.

    It runs since `started`, in seconds of time.monotonic.
    """

    visitor: str
    work: Work
    args: tuple[Any, ...]
    state: State = "waiting"
    progress: Any = None
    result: Any = None
    error: str = ""
    started: float | None = None
    over: threading.Event = field(default_factory=threading.Event)
    _process: Any = None
    _lock: threading.RLock = field(default_factory=threading.RLock)  # a finalizer may cancel in a thread that has it

    def cancel(self) -> None:
        """End it, whether it waits or runs. Nothing of it goes on."""
        with self._lock:
            if self.state in ("waiting", "running"):
                self.state, self.args = "cancelled", ()
                if self._process is not None:
                    self._process.kill()
                self.over.set()

    def _end(self, state: State, result: Any = None, error: str = "") -> None:
        with self._lock:
            if self.state != "cancelled":
                self.state, self.result, self.error, self.args = state, result, error, ()
            self.over.set()


class Jobs:
    """This server's jobs. Use from any thread."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._jobs: list[Job] = []
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def submit(self, visitor: str, work: Work, *args: Any) -> Job:
        """Start `work(tell, *args)`, or have it wait for its turn. Raises Busy with a sentence."""
        with self._lock:
            live = [job for job in self._jobs if not job.over.is_set()]
            if sum(job.visitor == visitor for job in live) >= self.limits.for_each:
                raise Busy("One of yours is being made already: wait for it, or cancel it.")
            if len(live) >= self.limits.running + self.limits.waiting:
                raise Busy("Too many wait for their turn at the moment. Please try again in a few minutes.")
            job = Job(visitor, work, args)
            self._jobs = [*live, job]
            if len(self._threads) < self.limits.running:
                # A daemon: the server's end waits for no job.
                self._threads.append(threading.Thread(target=self._work_through, name="jobs", daemon=True))
                self._threads[-1].start()
        self._queue.put(job)
        return job

    def place(self, job: Job) -> int:
        """Its place in the queue: 1 is the next to run; 0 does not wait."""
        with self._lock:
            waiting = [one for one in self._jobs if one.state == "waiting"]
        return waiting.index(job) + 1 if job in waiting else 0

    def stop(self) -> None:
        """Cancel all jobs and end their processes."""
        with self._lock:
            jobs = list(self._jobs)
        for job in jobs:
            job.cancel()

    def _work_through(self) -> None:
        while True:
            job = self._queue.get()
            try:
                self._run(job)
            except Exception:
                logger.warning("A job did not start.", exc_info=True)
                job._end("failed", error=NOT_STARTED)
            with self._lock:
                self._jobs = [one for one in self._jobs if one is not job]  # its result is its visitor's alone
            del job

    def _run(self, job: Job) -> None:
        ours, theirs = get_context("spawn").Pipe()
        with ours:
            with theirs, job._lock:
                if job.state == "cancelled":
                    return
                process = get_context("spawn").Process(target=_work, args=(theirs, self.limits, job.work), daemon=True)
                with no_main_module():
                    process.start()
                job._process, job.started = process, time.monotonic()
                if job.over.is_set():  # cancelled while it started
                    process.kill()
                else:
                    job.state = "running"
                args = job.args
            with contextlib.suppress(OSError):  # it has ended already
                ours.send(args)  # not with the start, during which other starts wait
            del args
            _listen(ours, job)
            process.join()
            if not job.over.is_set():
                job._end("failed", error=TOO_LONG if process.exitcode == -signal.SIGXCPU else CRASHED)


def _listen(ours: Connection[Any, Any], job: Job) -> None:
    """Take what the process tells, until it ends or is killed."""
    try:
        while True:
            kind, told = ours.recv()
            if kind == "progress":
                job.progress = told
            elif kind == "done":
                job._end("done", result=told)
            else:
                job._end("failed", error=told)
    except (EOFError, OSError):
        pass


def _work(theirs: Connection[Any, Any], limits: Limits, work: Work) -> None:
    """The process's own main function."""
    prepare_worker(limits.memory_bytes)
    _give_way()
    _limit_seconds(limits.seconds)
    try:
        theirs.send(("done", work(lambda progress: theirs.send(("progress", progress)), *theirs.recv())))
    except MemoryError:
        theirs.send(("failed", NO_MEMORY))
    except ValueError as error:
        theirs.send(("failed", str(error)))


def _give_way() -> None:
    """Run where nothing else would (SCHED_IDLE, sched(7)): at niceness 19 a job costs a viewer two pictures."""
    if hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _limit_seconds(seconds: float) -> None:
    """Have the system end the process after so many seconds of the processor (setrlimit(2))."""
    try:
        import resource
    except ImportError:  # another system
        return
    resource.setrlimit(resource.RLIMIT_CPU, (round(seconds), round(seconds) + 5))
