import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from colorfilter.server.worker_pool import NICENESS, Crash, Workers

ROOT = Path(__file__).parents[2]


def crash():
    os.kill(os.getpid(), signal.SIGSEGV)


def run(*steps):
    async def all_of_them():
        workers = Workers(1)
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
    Path(page.__file__).write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    monkeypatch.setitem(sys.modules, "__main__", page)
    assert run(lambda w: w.run(int, "7")) == [7]
    assert sys.modules["__main__"] is page
    assert not (tmp_path / "ran").exists()


def test_a_server_that_is_killed_leaves_no_processes():
    code = (
        "import asyncio, os, time; from colorfilter.server.worker_pool import Workers;"
        "print(asyncio.run(Workers(1).run(os.getpid)), flush=True); time.sleep(60)"
    )
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT)
    worker = int(server.stdout.readline())
    os.kill(worker, 0)
    server.kill()
    server.wait()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{worker}/cmdline").is_file() and Path(f"/proc/{worker}/cmdline").read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)
