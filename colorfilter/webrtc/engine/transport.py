"""The encrypted transport of one connection: RTP and RTCP that no browser sends are left out, and feedback is read."""

from __future__ import annotations

import logging
import struct
import time
from collections.abc import Iterator
from typing import Any, cast

from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap

from colorfilter.webrtc.engine import transport_cc
from colorfilter.webrtc.engine.parent import ParentMovedError, check_overrides, overrides
from colorfilter.webrtc.engine.send_side import SendSide
from colorfilter.webrtc.engine.streams import FewStreams

logger = logging.getLogger(__name__)

RTCP_HEADER_BYTES = 4  # and the SSRC of who sends it (RFC 3550, section 6.1)
FEEDBACK_SSRCS_BYTES = 8  # of who sends it and of the media (RFC 4585, section 6.1)


class ReadableExtensions(HeaderExtensionsMap):
    """Header extensions of which one with a wrong length is refused: aiortc raises what it does not expect."""

    def get(self, extension_profile: int, extension_value: bytes) -> HeaderExtensions:
        try:
            return super().get(extension_profile, extension_value)
        except struct.error as error:
            raise ValueError(str(error)) from None


class LiveTransport(RTCDtlsTransport):
    """A transport that takes few streams, and hands transport-wide feedback to its `send_side`."""

    send_side: SendSide
    datagram: bytes  # the RTP packet that is being handled, in the clear

    @classmethod
    def take_over(cls, stock: RTCDtlsTransport) -> None:
        """Make that transport, which aiortc makes by name, one of ours. Raises ParentMovedError."""
        check_overrides(cls)
        for name in ("_rtp_header_extensions_map", "_rx_srtp"):
            if not hasattr(stock, name):
                raise ParentMovedError(f"RTCDtlsTransport.{name} is gone")
        stock.__class__ = cls
        assert isinstance(stock, cls)
        stock.send_side = SendSide()  # the numbers are those of the transport, for all of its senders
        stock.datagram = b""
        stock._rtp_header_extensions_map = ReadableExtensions()

    @overrides
    def _setup_srtp(self) -> None:
        super()._setup_srtp()
        if self._rx_srtp is not None:
            self._rx_srtp = cast(Any, FewStreams(self._rx_srtp))

    @overrides
    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        self.datagram = data
        await super()._handle_rtp_data(data, arrival_time_ms)

    @overrides
    async def _handle_rtcp_data(self, data: bytes) -> None:
        """Take transport-wide feedback, which aiortc would read as lost packets, and hand on the rest."""
        rest = b""
        for packet in split_compound(data):
            if packet[1:2] == bytes([transport_cc.PACKET_TYPE]) and packet[0] & 0x1F == transport_cc.FORMAT:
                self.send_side.on_feedback(packet[RTCP_HEADER_BYTES + FEEDBACK_SSRCS_BYTES :], time.monotonic())
            else:
                rest += packet
        try:
            if rest:
                await super()._handle_rtcp_data(rest)
        except struct.error as error:  # a REMB of a wrong length
            logger.debug("RTCP that cannot be read is left out: %s", error)


def split_compound(data: bytes) -> Iterator[bytes]:
    """The RTCP packets of a compound (RFC 3550, section 6.1), each whole; what is cut short comes last, as it is."""
    while len(data) >= RTCP_HEADER_BYTES:
        size = RTCP_HEADER_BYTES + 4 * int.from_bytes(data[2:4], "big")
        yield data[:size]
        data = data[size:]
    if data:
        yield data


def transport_of(transport: Any) -> LiveTransport:
    """The transport, if it is one of ours. Raises ParentMovedError."""
    if not isinstance(transport, LiveTransport):
        raise ParentMovedError("the transport is aiortc's own")
    return transport
