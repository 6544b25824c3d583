import re
import subprocess
import sys

import pytest

KEEP = "from colorfilter.host.process import give_back_freed_memory, keep_freed_memory; keep_freed_memory()"


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
give_back_freed_memory()
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
