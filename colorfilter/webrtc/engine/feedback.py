"""What the browser is told: when its packets arrived, and the bit rate above which more is of no use."""

from __future__ import annotations

import time
from collections.abc import Iterator
from struct import pack
from typing import Any

from aiortc.rtp import (
    RTCP_PSFB_APP,
    RtcpPsfbPacket,
    pack_remb_fci,
    pack_rtcp_packet,
)

from colorfilter.webrtc.encoding.resolution import full_rate
from colorfilter.webrtc.encoding.vp8 import key_frame_size
from colorfilter.webrtc.engine import transport_cc

MAX_PARITY_SHARE = 0.5


class ReceiverFeedback:
    """What one receiver tells the browser, and when."""

    REMB_INTERVAL_S = 1.0  # seconds

    def __init__(self) -> None:
        self._arrivals = transport_cc.ArrivalLog()
        self._limit = 0
        self._limit_told = float("-inf")

    def on_data(self, data: bytes) -> None:
        """Read the picture's size from its beginning. The limit is the full rate at which this size is sent back."""
        size = key_frame_size(data)
        if size is not None:
            self._limit = full_rate(*size)

    def on_arrival(self, number: int, ssrc: int, own_ssrc: int, parity_share: float = 0.0) -> Iterator[Any]:
        """The packets that are due after the arrival of the one of that transport-wide number.

        `parity_share` of what the browser sends is no video, and does not count against the limit.
        """
        now = time.perf_counter()
        self._arrivals.add(number, now)
        if self._arrivals.due(now):
            yield TransportFeedbackPacket(pack("!II", own_ssrc, ssrc) + self._arrivals.take(now))
        if self._limit and now - self._limit_told >= self.REMB_INTERVAL_S:
            self._limit_told = now
            limit = round(self._limit / (1 - min(parity_share, MAX_PARITY_SHARE)))
            yield RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=own_ssrc, media_ssrc=0, fci=pack_remb_fci(limit, [ssrc]))


class TransportFeedbackPacket:
    """An RTCP packet that aiortc has no class for."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __bytes__(self) -> bytes:
        return bytes(pack_rtcp_packet(transport_cc.PACKET_TYPE, transport_cc.FORMAT, self._body))
