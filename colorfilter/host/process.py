"""How this process uses memory where the C library is glibc: what one frame frees serves the next."""

from __future__ import annotations

import contextlib
import ctypes
import gc

# malloc.h
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8


def keep_freed_memory() -> None:
    """Keep what a frame frees for the next one: to map it anew costs more than the filter itself.

    By default glibc hands blocks of a few megabytes back to the kernel at once, 800 page faults a frame at 720p. And it
    keeps what each thread freed apart from the others', up to eight times as often as there are cores; two such
    arenas are enough here, if this is called before there are many threads.
    """
    with contextlib.suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, 32 << 20)
        mallopt(M_TRIM_THRESHOLD, 64 << 20)
        mallopt(M_ARENA_MAX, 2)


def give_back_freed_memory() -> None:
    """Hand what is kept back to the kernel. Holds the interpreter for about 100 ms: not while a viewer is live."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
