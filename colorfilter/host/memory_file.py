"""A file in memory alone, which other processes of this server can open, and FFmpeg, by a path (memfd_create(2))."""

from __future__ import annotations

import os
import weakref
from pathlib import Path


class MemoryFile:
    """It is gone with the last reference to it. Raises OSError where the system has no such files (not Linux)."""

    def __init__(self, data: bytes = b"") -> None:
        if not hasattr(os, "memfd_create"):
            raise OSError("This system has no files in memory.")
        descriptor = os.memfd_create("clip", os.MFD_CLOEXEC)
        self._descriptor = descriptor
        self._close = weakref.finalize(self, os.close, descriptor)
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]

    @property
    def path(self) -> Path:
        """Where this process and others of the same user find it (proc(5))."""
        return Path(f"/proc/{os.getpid()}/fd/{self._descriptor}")

    @property
    def held_bytes(self) -> int:
        """How much memory it takes."""
        return os.fstat(self._descriptor).st_size if self._close.alive else 0

    def read(self) -> bytes:
        """All of it."""
        return os.pread(self._descriptor, self.held_bytes, 0)

    def close(self) -> None:
        """Give its memory back now."""
        self._close()
