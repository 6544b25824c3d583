import os
import re
import subprocess
import sys

import pytest

from colorfilter.host import process

KEEP = "from colorfilter.host.process import configure_malloc, trim_memory; configure_malloc()"


def printed(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc alone has these settings")
def test_what_was_freed_serves_again_and_is_given_back_on_request():
    code = f"""
{KEEP}
import os
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
start = resident()
blocks = [b"x" * 8_000_000 for _ in range(4)]
del blocks
print(resident() - start)
trim_memory()
print(resident() - start)
"""
    kept, after = map(int, printed(code).split())
    assert kept >= 30_000_000
    assert after <= 1_000_000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc alone has these settings")
def test_threads_share_two_arenas():
    code = f"""
{KEEP}
import ctypes, threading
meet = threading.Barrier(20)
def work():
    block = bytearray(100_000)
    meet.wait()
threads = [threading.Thread(target=work) for _ in range(20)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""
    assert len(re.findall("<heap nr=", printed(code))) == 2


@pytest.mark.parametrize(
    ("limit", "cores"),
    [("max 100000\n", 6), ("150000 100000\n", 1.5), ("50000 100000\n", 0.5), ("900000 100000\n", 6), ("", 6)],
)
def test_a_containers_limit_counts_where_it_is_below_the_cores(limit, cores, monkeypatch, tmp_path):
    (tmp_path / "cpu.max").write_text(limit)
    monkeypatch.setattr(process, "CPU_LIMIT", tmp_path / "cpu.max")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(6)), raising=False)
    assert process.available_cores() == cores


def test_without_containers_and_affinity_the_machine_counts(monkeypatch, tmp_path):
    monkeypatch.setattr(process, "CPU_LIMIT", tmp_path / "none")
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    assert process.available_cores() == 12


STATE = """
import cv2, logging, signal, sys, threading, warnings
def state():
    return (
        cv2.getNumThreads(), list(warnings.filters), logging.getLogger().handlers,
        logging.getLogger("colorfilter").level, logging.getLogger("colorfilter").handlers,
        [signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT)],
        [thread.name for thread in threading.enumerate()],
    )
"""
IMPORT_ALL = """
import importlib, pkgutil
import numpy, av, PIL.Image, PIL.ImageFont, streamlit, streamlit_webrtc, aiortc, prometheus_client, tqdm, starlette
before = state()
import colorfilter
for module in pkgutil.walk_packages(colorfilter.__path__, "colorfilter."):
    if module.name != "colorfilter.__main__":
        importlib.import_module(module.name)
assert state() == before, (state(), before)
"""


def test_importing_the_package_changes_nothing_in_the_process():
    """What the libraries do at their own import was there before. mallopt is a call, and is refused here."""
    refuse = "import ctypes; ctypes.CDLL.mallopt = property(lambda library: 1 / 0)"
    assert printed(f"{STATE}\n{refuse}\n{IMPORT_ALL}\nprint('same')") == "same\n"


def test_preparing_the_process_changes_threads_memory_and_warnings_once():
    code = f"""{STATE}
from colorfilter.host import process
kept = []
process.configure_malloc = lambda: kept.append(True)
warnings_before = len(warnings.filters)
cv2.setNumThreads(4)
process.prepare_process()
process.prepare_process()
print(cv2.getNumThreads(), len(warnings.filters) - warnings_before, len(kept))
"""
    assert printed(code) == "1 1 1\n"
