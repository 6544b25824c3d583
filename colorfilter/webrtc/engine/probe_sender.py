"""Sends a probe cluster at its rate: padding for what media does not fill. Media leaves at its own pace, and counts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from colorfilter.webrtc.congestion_control.probing import ProbeCluster

MIN_PACKETS = 6
MIN_WAIT_S = 0.001  # an event loop sleeps no shorter
LEAD_S = 0.002  # so much leaves at once, or the line would be idle until the second packet, and seem slower


class SentCluster:
    """What has left of a cluster since `start`, in seconds on the clock of `due`."""

    def __init__(self, cluster: ProbeCluster, start: float) -> None:
        self._cluster, self._start = cluster, start
        self._bytes = self._packets = 0

    @property
    def number(self) -> int:
        """The cluster's."""
        return self._cluster.number

    def on_sent(self, size: int) -> None:
        """Note a packet of `size` bytes, of padding or media."""
        self._bytes += size
        self._packets += 1

    @property
    def is_whole(self) -> bool:
        """Whether no more is to be sent."""
        return self._bytes >= self._cluster.size and self._packets >= MIN_PACKETS

    @property
    def due(self) -> float:
        """When the next packet is to leave."""
        return self._start + 8 * self._bytes / self._cluster.bitrate - LEAD_S


class ProbeSender:
    """One cluster after the other. `send_padding` sends a small packet of padding at once."""

    def __init__(self, send_padding: Callable[[], Awaitable[None]]) -> None:
        self._send_padding = send_padding
        self._sent: SentCluster | None = None  # of the cluster to which packets that leave now belong

    def on_sent(self, size: int) -> int | None:
        """Note a packet of `size` bytes, of padding or media; return the number of its cluster, None if it has none."""
        if self._sent is None:
            return None
        self._sent.on_sent(size)
        return self._sent.number

    async def send(self, cluster: ProbeCluster) -> None:
        """Send a cluster. Raises ConnectionError as `send_padding` does."""
        time = asyncio.get_running_loop().time
        sent = self._sent = SentCluster(cluster, time())
        try:
            while not sent.is_whole:
                if (wait := sent.due - time()) > MIN_WAIT_S:
                    await asyncio.sleep(wait)
                    continue  # media may have left meanwhile
                await self._send_padding()
        finally:
            self._sent = None
