"""This process: how it uses cores, threads and memory, and its set-up for live video.

Importing the package changes nothing in the process. Whoever runs it for live video or for many pictures calls
`prepare_process` first.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import os
import warnings
from pathlib import Path

import cv2

# malloc.h
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
MMAP_THRESHOLD_BYTES, TRIM_THRESHOLD_BYTES, MAX_ARENAS = 32 << 20, 64 << 20, 2
# A container's limit: how much time in how much time, both in microseconds, or "max" (cgroups(7), version 2).
CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")


@functools.cache
def prepare_process() -> None:
    """Set up OpenCV's threads, the C library's memory and Pillow's warnings, once. Call it before there are threads."""
    # Each viewer's encoder has threads of its own; OpenCV's would take the cores from them.
    cv2.setNumThreads(1)
    keep_freed_memory()
    # Pillow warns of odd metadata and of more than 89 megapixels. Our limits are lower, and a warning would be logged.
    warnings.filterwarnings("ignore", module=r"PIL\.")


def keep_freed_memory() -> None:
    """Have glibc keep what a frame frees for the next one: to map it anew costs more than the filter itself.

    By default glibc returns blocks of a few megabytes to the kernel at once, which costs 800 page faults a frame at
    720p. And it has up to eight arenas a core, each of which keeps what its threads freed apart from the others. Two
    are enough here; the limit holds for threads that start later.
    """
    with contextlib.suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES)
        mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES)
        mallopt(M_ARENA_MAX, MAX_ARENAS)


def give_back_freed_memory() -> None:
    """Return what is kept to the kernel. Holds the interpreter for about 100 ms: not while a viewer is live."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def available_cores() -> float:
    """The machine's cores, or fewer where the process is held to some of them or its container has a limit."""
    cores = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    try:
        quota, period = map(float, CPU_LIMIT.read_text().split())
    except (OSError, ValueError):  # no such file, or "max"
        return cores
    return min(cores, quota / period)
