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

    def on_arrival(self, number: int, ssrc: int, own_ssrc: int) -> Iterator[Any]:
        """The packets that are due after the arrival of the one of that transport-wide number."""
        now = time.perf_counter()
        self._arrivals.add(number, now)
        if self._arrivals.due(now):
            yield TransportFeedbackPacket(pack("!II", own_ssrc, ssrc) + self._arrivals.take(now))
        if self._limit and now - self._limit_told >= self.REMB_INTERVAL_S:
            self._limit_told = now
            yield RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=own_ssrc, media_ssrc=0, fci=pack_remb_fci(self._limit, [ssrc]))


class TransportFeedbackPacket:
    """An RTCP packet that aiortc has no class for."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __bytes__(self) -> bytes:
        return bytes(pack_rtcp_packet(transport_cc.PACKET_TYPE, transport_cc.FORMAT, self._body))
