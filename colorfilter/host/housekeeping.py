"""One daemon thread for what is checked every second: places, sessions, memory."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

POLL_INTERVAL_S = 1.0

Job = Callable[[float], None]


class Housekeeping:
    """Runs jobs every `POLL_INTERVAL_S` seconds. The first job starts the thread. Safe to use from any thread."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def add(self, name: str, job: Job) -> None:
        """Run `job(now)` from now on, `now` being seconds of time.monotonic. It replaces a job of the same name."""
        with self._lock:
            self._jobs[name] = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)
                self._thread.start()

    def run_jobs(self, now: float) -> None:
        """Run every job once. A job that fails is logged, and the next one runs."""
        for name, job in list(self._jobs.items()):
            try:
                job(now)
            except Exception:
                logger.warning("Housekeeping: %s failed.", name, exc_info=True)

    def _run(self) -> None:
        while True:
            time.sleep(POLL_INTERVAL_S)
            self.run_jobs(time.monotonic())


housekeeping = Housekeeping()
