"""What the browser is told: when its packets arrived, how fine a picture is of use, and to show ours at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from struct import pack
from typing import Any

from aiortc.rtcrtpparameters import RTCRtpParameters
from aiortc.rtp import (
    RTCP_PSFB_APP,
    HeaderExtensions,
    HeaderExtensionsMap,
    RtcpPsfbPacket,
    pack_remb_fci,
    pack_rtcp_packet,
)

from colorfilter.webrtc import transport_cc
from colorfilter.webrtc.encoder import full_rate
from colorfilter.webrtc.vp8 import key_frame_size


class ReceiverFeedback:
    """What one receiver tells the browser, and when."""

    LIMIT_EVERY = 1.0  # seconds

    def __init__(self) -> None:
        self._arrivals = transport_cc.ArrivalLog()
        self._limit = 0
        self._limit_told = float("-inf")

    def on_data(self, data: bytes) -> None:
        """Take the size of the picture from its beginning: finer than it will go back, it need not come."""
        size = key_frame_size(data)
        if size is not None:
            self._limit = full_rate(*size)

    def on_arrival(self, number: int, ssrc: int, own_ssrc: int) -> Iterator[Any]:
        """The packets that are due after the arrival of the one of that transport-wide number."""
        now = time.perf_counter()
        self._arrivals.add(number, now)
        if self._arrivals.due(now):
            yield TransportFeedbackPacket(pack("!II", own_ssrc, ssrc) + self._arrivals.take(now))
        if self._limit and now - self._limit_told >= self.LIMIT_EVERY:
            self._limit_told = now
            yield RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=own_ssrc, media_ssrc=0, fci=pack_remb_fci(self._limit, [ssrc]))


class PlayoutDelayExtension(HeaderExtensionsMap):
    """Header extensions that ask the browser to show each picture soon after it is whole.

    Chromium otherwise holds all pictures back by as much as those that wait for a lost packet are late.
    """

    URI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

    def __init__(self) -> None:
        super().__init__()
        self._element = b""

    def configure(self, parameters: RTCRtpParameters) -> None:
        super().configure(parameters)
        for extension in parameters.headerExtensions:
            if extension.uri == self.URI and extension.id < 15:
                # RFC 8285, section 4.2: id and length - 1; then the shortest and the longest delay, 12 bits each.
                self._element = bytes([extension.id << 4 | 2, 0, 0, 0])

    def set(self, values: HeaderExtensions) -> tuple[int, bytes]:
        profile, elements = super().set(values)
        return profile, elements + self._element if profile == 0xBEDE else elements


class TransportFeedbackPacket:
    """An RTCP packet that aiortc has no class for."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __bytes__(self) -> bytes:
        return bytes(pack_rtcp_packet(transport_cc.PACKET_TYPE, transport_cc.FORMAT, self._body))
