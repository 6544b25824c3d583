"""This process: its set-up for live video, its memory, and the cores that it may use.

Importing the package changes nothing in the process. Whoever runs it for live video or for many pictures calls
`prepare_process` first.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import os
import warnings
from pathlib import Path
from typing import Any

import cv2

# malloc.h
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
MMAP_THRESHOLD_BYTES, TRIM_THRESHOLD_BYTES, MAX_ARENAS = 32 << 20, 64 << 20, 2
# The fields of struct mallinfo2 (malloc.h); fordblks is what is free.
HEAP_FIELDS = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)
# A container's limit: "QUOTA PERIOD" in microseconds, or "max PERIOD" (cgroups(7), version 2).
CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")


@functools.cache
def prepare_process() -> None:
    """Configure OpenCV's threads, malloc, Pillow's warnings and core files, once. Call this before threads start."""
    # Each viewer's encoder has its own threads, and OpenCV's would compete with them for the cores.
    cv2.setNumThreads(1)
    configure_malloc()
    forbid_core_files()
    # Pillow warns of odd metadata and of more than 89 megapixels, which our own limits refuse; each would be logged.
    warnings.filterwarnings("ignore", module=r"PIL\.")


@functools.cache
def freeze_garbage_collector() -> None:
    """Keep what is there by now, all modules, out of every later collection of garbage. Call this after the imports.

    A full one takes 70 to 100 ms otherwise, in which no frame moves.
    """
    gc.collect()
    gc.freeze()


def forbid_core_files() -> None:
    """Have the system keep no memory of this process should it crash: pictures are in it.

    A file of one byte at most is written as none. Where core files go to a program (core(5), a pipe in core_pattern),
    Linux gives it all of the memory at any limit but this one (fs/coredump.c).
    """
    try:
        import resource
    except ImportError:  # another system
        return
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (min(1, hard) if hard >= 0 else 1, hard))


def configure_malloc() -> None:
    """Have glibc keep freed memory for the next frame (mallopt(3)); other C libraries are left as they are.

    By default glibc returns blocks of a few megabytes to the kernel at once. To map them anew costs 800 page faults a
    frame at 720p, more than the filter itself. It also has up to eight arenas a core, and each keeps the memory that
    its threads freed. Two are enough here; the limit holds for threads that start later.
    """
    if mallopt := _malloc_function("mallopt"):
        mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES)
        mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES)
        mallopt(M_ARENA_MAX, MAX_ARENAS)


def trim_memory() -> None:
    """Return freed memory to the kernel. It blocks the interpreter for about 100 ms: not while a viewer is live."""
    gc.collect()
    trim_heap()


def free_heap_bytes() -> int:
    """The bytes that the process has freed and glibc keeps (mallinfo(3)); 0 with another C library."""

    class Info(ctypes.Structure):
        _fields_ = [(name, ctypes.c_size_t) for name in HEAP_FIELDS]

    mallinfo = _malloc_function("mallinfo2")
    if mallinfo is None:
        return 0
    mallinfo.restype = Info
    return int(mallinfo().fordblks)


def trim_heap() -> None:
    """Return freed memory to the kernel. The interpreter goes on meanwhile."""
    if malloc_trim := _malloc_function("malloc_trim"):
        malloc_trim(0)


def _malloc_function(name: str) -> Any:
    """That function of glibc's malloc; None with another C library, and where there is none to ask, as on Windows."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except Exception:  # AttributeError, OSError, on Windows TypeError; tuning that a system lacks is skipped
        return None


def available_cores() -> float:
    """The cores that this process may use: the machine's, or fewer by its CPU affinity or its container's limit."""
    cores = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    try:
        quota, period = map(float, CPU_LIMIT.read_text(encoding="utf-8").split())
    except (OSError, ValueError):  # no such file, or "max"
        return cores
    return min(cores, quota / period)
