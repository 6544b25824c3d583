"""What SIGTERM does: nobody new, those who are live may finish for a while, and only then does the server stop."""

from __future__ import annotations

import asyncio
import signal
from types import FrameType

from colorfilter.host.capacity import Places
from colorfilter.host.logs import log_event

POLL_INTERVAL_S = 0.2  # seconds


def on_termination(places: Places, seconds: float) -> None:
    """Put SIGTERM off until nobody is live, for so many seconds at the most; a second one stops the server at once.

    To be called on the server's event loop, in the main thread, once the server handles signals itself.
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
