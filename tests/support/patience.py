"""How long tests wait for what comes later on a slow machine: one factor for all, TEST_PATIENCE, 1 if not set."""

import os
import time

PATIENCE = float(os.environ.get("TEST_PATIENCE") or 1)


def until(condition, seconds=30, pause=lambda: time.sleep(0.05), told=lambda: ""):
    """Return what `condition()` returns as soon as that is true.

    After `seconds` times the patience AssertionError, with what `told()` returns.
    """
    end = time.monotonic() + seconds * PATIENCE
    while not (met := condition()):
        assert time.monotonic() < end, f"not within {seconds * PATIENCE:g} seconds {told()}"
        pause()
    return met
