"""SIGTERM: the server takes nobody new, lets live viewers finish for a while, and then stops."""

from __future__ import annotations

import asyncio
import signal
from types import FrameType

from colorfilter.host.capacity import Places
from colorfilter.host.logs import log_event

POLL_INTERVAL_S = 0.2  # seconds


def on_termination(places: Places, seconds: float) -> None:
    """Delay SIGTERM until nobody is live, for at most so many seconds. A second one stops the server at once.

    Call it on the server's event loop, in the main thread, after the server has set its own signal handlers.
    """
    stop = signal.getsignal(signal.SIGTERM)
    if seconds == 0 or not callable(stop):
        return
    loop, waiting = asyncio.get_running_loop(), set[asyncio.Task[None]]()

    async def wait() -> None:
        log_event("server drains", live=places.taken, seconds=seconds)
        end = loop.time() + seconds
        while places.taken and loop.time() < end:
            await asyncio.sleep(POLL_INTERVAL_S)
        log_event("server stops", live=places.taken)
        signal.raise_signal(signal.SIGTERM)

    def close(number: int, frame: FrameType | None) -> None:
        places.close()
        signal.signal(signal.SIGTERM, stop)
        loop.call_soon_threadsafe(lambda: waiting.add(loop.create_task(wait())))

    signal.signal(signal.SIGTERM, close)
