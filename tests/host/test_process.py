import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from colorfilter.host import process

ROOT = Path(__file__).parents[2]
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
    assert after < kept / 4


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
    loggers = [logging.root, *map(logging.getLogger, sorted(logging.root.manager.loggerDict))]
    configured = [(one.name, one.level, one.handlers, one.filters, one.disabled, one.propagate) for one in loggers]
    return {
        "OpenCV's threads": cv2.getNumThreads(),
        "warnings": list(warnings.filters),
        "logging": [logger for logger in configured if logger[1:] != (0, [], [], False, True)],
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "threads": [thread.name for thread in threading.enumerate()],
    }
"""
# SystemExit: what is only an Exception would pass for a system that has no mallopt.
REFUSE_MALLOPT = "import ctypes, sys; ctypes.CDLL.mallopt = property(lambda library: sys.exit('mallopt'))"
IMPORT_ALL = f"""
import ast, importlib, pkgutil
import numpy, av, PIL.Image, PIL.ImageFont, streamlit, streamlit_webrtc, aiortc, prometheus_client, tqdm, starlette
cv2.setNumThreads(4)
before = state()
import colorfilter
for module in pkgutil.walk_packages(colorfilter.__path__, "colorfilter."):
    importlib.import_module(module.name)
page = ast.parse(open({str(ROOT / "streamlit_app.py")!r}).read())
page.body = [node for node in page.body if isinstance(node, ast.Import | ast.ImportFrom)]
exec(compile(page, "streamlit_app.py", "exec"), {{}})
after = state()
"""


def test_importing_every_module_and_the_pages_imports_change_nothing_in_the_process():
    """Beyond what the libraries change at their own import."""
    code = f"{STATE}\n{REFUSE_MALLOPT}\n{IMPORT_ALL}\nassert after == before, (before, after)\n"
    code += "print(len([name for name in sys.modules if name.startswith('colorfilter.')]))"
    modules = list((ROOT / "colorfilter").rglob("*.py"))
    assert int(printed(code)) == len(modules) - 1  # colorfilter itself


def test_the_refusal_meets_the_call_that_sets_malloc():
    code = f"{REFUSE_MALLOPT}\nfrom colorfilter.host.process import prepare_process\n"
    assert printed(f"{code}try:\n    prepare_process()\nexcept SystemExit:\n    print('refused')") == "refused\n"


def test_preparing_the_process_changes_threads_memory_and_warnings_once():
    code = f"""{STATE}
from colorfilter.host import process
configured = []
process.configure_malloc = lambda: configured.append(True)
cv2.setNumThreads(4)
before = state()
process.prepare_process()
process.prepare_process()
after = state()
print([what for what in after if after[what] != before[what]])
print(cv2.getNumThreads(), len(after["warnings"]) - len(before["warnings"]), len(configured))
"""
    assert printed(code) == "[\"OpenCV's threads\", 'warnings']\n1 1 1\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no core files")
def test_no_memory_of_the_process_or_of_its_workers_is_ever_written_to_a_core_file():
    code = """
import resource
from colorfilter.host.process import prepare_process
from colorfilter.host.worker_pool import Workers
if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    workers = Workers(1)
    prepare_process()
    print(resource.getrlimit(resource.RLIMIT_CORE)[0], workers.call(resource.getrlimit, resource.RLIMIT_CORE)[0])
"""
    assert printed(code) in ("1 1\n", "0 0\n")  # none where the system already allows none


@pytest.mark.parametrize("error", [TypeError, OSError, AttributeError, ValueError])
def test_a_system_without_glibc_goes_without_its_tuning(error, monkeypatch):
    """CPython's own CDLL raises TypeError for None on Windows."""

    def refuse(name):
        raise error

    monkeypatch.setattr(process.ctypes, "CDLL", refuse)
    process.configure_malloc()
    process.trim_memory()
    process.trim_heap()
    assert process.free_heap_bytes() == 0


def test_free_memory_is_seen_and_goes_back():
    """In a process of its own: blocks below the threshold of mmap, freed below one that stays."""
    code = """
from colorfilter.host.process import configure_malloc, free_heap_bytes, trim_heap
from pathlib import Path
resident = lambda: int(Path('/proc/self/statm').read_text(encoding="utf-8").split()[1]) * 4096
configure_malloc()
blocks = [bytearray(b'x') * 8_000_000 for _ in range(20)]
last = bytearray(b'x') * 8_000_000
del blocks
free, before = free_heap_bytes(), resident()
trim_heap()
print(free, before - resident())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    free, returned = map(int, done.stdout.split())
    assert free > 150_000_000
    assert returned > 150_000_000
