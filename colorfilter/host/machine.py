"""How many cores this process may use."""

from __future__ import annotations

import os
from pathlib import Path

# What a container may use in how much time, both in microseconds, or "max" (cgroups(7), version 2).
CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def available_cores() -> float:
    """The machine's cores, or fewer where the process is held to some of them or its container has a limit."""
    cores = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    try:
        quota, period = map(float, CPU_LIMIT.read_text().split())
    except (OSError, ValueError):  # no such file, or "max"
        return cores
    return min(cores, quota / period)
