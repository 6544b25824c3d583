import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from multiprocessing import connection
from pathlib import Path
from types import ModuleType

import pytest

from colorfilter.host import worker_pool
from colorfilter.host.settings import Settings
from colorfilter.host.worker_pool import MEGA, NICENESS, Crash, TooLong, Workers
from tests.support.patience import until

ROOT = Path(__file__).parents[2]
LIMITS = Settings(work_seconds=1.0, work_memory_mb=400)


def crash():
    os.kill(os.getpid(), signal.SIGSEGV)


def spin():
    """Work that never ends, in a decoder that takes any error for a broken file."""
    while True:
        try:
            sum(range(1000))
        except Exception as error:
            raise ValueError("damaged") from error


def spin_briefly(seconds):
    start = time.process_time()
    while time.process_time() - start < seconds:
        pass
    return "done"


def fill(count):
    return len(bytearray(count))


def run(*steps):
    async def all_of_them():
        workers = Workers(1, LIMITS)
        try:
            return [await step(workers) for step in steps]
        finally:
            workers.stop()

    return asyncio.run(all_of_them())


def test_work_is_done_elsewhere_and_gives_way():
    [pid, niceness] = run(lambda w: w.run(os.getpid), lambda w: w.run(os.nice, 0))
    assert pid != os.getpid()
    assert niceness == min(19, os.nice(0) + NICENESS)  # the kernel's highest


def test_an_error_comes_back():
    with pytest.raises(ValueError, match="invalid literal"):
        run(lambda w: w.run(int, "seven"))


def test_a_crash_is_reported_and_the_next_work_done():
    async def crashing(workers):
        with pytest.raises(Crash):
            await workers.run(crash)

    assert run(crashing, lambda w: w.run(int, "7")) == [None, 7]


def test_no_process_runs_the_page(tmp_path, monkeypatch):
    """Streamlit puts the page's script in the place of `__main__`."""
    page = ModuleType("__main__")
    page.__file__ = str(tmp_path / "page.py")
    Path(page.__file__).write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "__main__", page)
    assert run(lambda w: w.run(int, "7")) == [7]
    assert sys.modules["__main__"] is page
    assert not (tmp_path / "ran").exists()


def test_a_server_that_is_killed_leaves_no_processes():
    code = (
        "import asyncio, os, time; from colorfilter.host.worker_pool import Workers;"
        "print(asyncio.run(Workers(1).run(os.getpid)), flush=True); time.sleep(60)"
    )
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT)
    worker = int(server.stdout.readline())
    os.kill(worker, 0)
    server.kill()
    server.wait()
    command = Path(f"/proc/{worker}/cmdline")  # empty for one that has ended and that nobody has waited for
    until(lambda: not (command.is_file() and command.read_bytes()))


def test_work_that_never_ends_is_stopped_and_the_next_is_done():
    async def endless(workers):
        with pytest.raises(TooLong):
            await workers.run(spin)

    assert run(endless, lambda w: w.run(int, "7")) == [None, 7]


def test_each_work_has_the_whole_time():
    def brief(workers):
        return workers.run(spin_briefly, 0.6 * LIMITS.work_seconds)

    assert run(brief, brief) == ["done", "done"]


def test_work_that_wants_too_much_memory_gets_an_error_and_the_process_goes_on():
    async def greedy(workers):
        with pytest.raises(MemoryError):
            await workers.run(fill, 2 * round(LIMITS.work_memory_mb * MEGA))

    [before, _, kept, after] = run(
        lambda w: w.run(os.getpid), greedy, lambda w: w.run(fill, 200_000_000), lambda w: w.run(os.getpid)
    )
    assert (kept, before) == (200_000_000, after)


def hold_in_c(seconds):
    """One call of C, which no Python signal interrupts."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGPROF])
    spin_briefly(seconds)


def test_a_decoder_in_c_that_never_returns_ends_with_its_process():
    async def endless(workers):
        with pytest.raises(TooLong):
            await workers.run(hold_in_c, 60)

    assert run(endless, lambda w: w.run(int, "7")) == [None, 7]


def test_one_that_took_too_long_is_not_tried_twice(tmp_path):
    async def endless(workers):
        with pytest.raises(TooLong):
            await workers.run(leave_a_mark_and_spin, str(tmp_path))

    run(endless)
    assert len(list(tmp_path.iterdir())) == 1


def leave_a_mark_and_spin(folder):
    (Path(folder) / str(os.getpid())).touch()
    spin()


@pytest.mark.parametrize(("cores", "count"), [(6, 3), (2, 1), (1.5, 1), (0.5, 1)])
def test_there_is_one_for_every_two_cores_that_this_container_may_use(cores, count, monkeypatch):
    monkeypatch.setattr(worker_pool, "available_cores", lambda: cores)
    workers = Workers(limits=LIMITS)
    assert workers.count == count
    workers.stop()


def nap(seconds):
    time.sleep(seconds)
    return os.getpid()


def test_one_that_dies_takes_no_other_work_along_and_is_not_tried_twice(tmp_path):
    """Five works on two processes, one of which kills its own."""

    async def all_at_once():
        workers = Workers(2, LIMITS)
        try:
            works = [workers.run(nap, 0.2), workers.run(leave_a_mark_and_crash, str(tmp_path))]
            works += [workers.run(nap, 0.1) for _ in range(3)]
            return await asyncio.gather(*works, return_exceptions=True)
        finally:
            workers.stop()

    first, crashed, *others = asyncio.run(all_at_once())
    assert isinstance(crashed, Crash)
    assert all(isinstance(pid, int) for pid in (first, *others))
    assert len(list(tmp_path.iterdir())) == 1


def leave_a_mark_and_crash(folder):
    (Path(folder) / str(os.getpid())).touch()
    crash()


def test_a_process_that_died_idle_costs_nobody_anything():
    def killed(workers):
        workers.call(int, "7")
        [child] = multiprocessing.active_children()
        os.kill(workers.call(os.getpid), signal.SIGKILL)
        connection.wait([child.sentinel])
        return workers.run(int, "8")

    assert run(killed) == [8]
