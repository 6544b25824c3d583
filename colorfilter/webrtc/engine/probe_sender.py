"""Sends a probe cluster at its rate: padding for what media does not fill. Media leaves at its own pace, and counts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from colorfilter.webrtc.congestion_control.probing import ProbeCluster

MIN_PACKETS = 6
MIN_WAIT_S = 0.001  # an event loop sleeps no shorter
LEAD_S = 0.002  # so much leaves at once, or the line would be idle until the second packet, and seem slower


class ProbeSender:
    """One cluster after the other. `send_padding` sends a small packet of padding at once."""

    def __init__(self, send_padding: Callable[[], Awaitable[None]]) -> None:
        self._send_padding = send_padding
        self._bytes = self._packets = 0
        self.number: int | None = None  # of the cluster to which packets that leave now belong

    def on_sent(self, size: int) -> None:
        """Note a packet of `size` bytes, of padding or media."""
        self._bytes += size
        self._packets += 1

    async def send(self, cluster: ProbeCluster) -> None:
        """Send a cluster. Raises ConnectionError as `send_padding` does."""
        time = asyncio.get_running_loop().time
        start, self.number = time(), cluster.number
        self._bytes = self._packets = 0
        try:
            while self._bytes < cluster.size or self._packets < MIN_PACKETS:
                wait = start + 8 * self._bytes / cluster.bitrate - LEAD_S - time()
                if wait > MIN_WAIT_S:
                    await asyncio.sleep(wait)
                    continue  # media may have left meanwhile
                await self._send_padding()
        finally:
            self.number = None
