"""Receives a browser's video: tells of each packet, asks for lost ones, and decodes whole pictures in a thread.

Read in aiortc 1.16, `RTCRtpReceiver`.
"""

from __future__ import annotations

import asyncio
import struct
import threading
import time
from contextlib import suppress
from typing import Any, cast

from aiortc import RTCRtpReceiver
from aiortc.codecs import is_rtx
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import AnyRtcpPacket, RtpPacket, unwrap_rtx

from colorfilter.host import metrics
from colorfilter.webrtc.engine.decoder import PictureBatch, PictureQueue, decode_pictures
from colorfilter.webrtc.engine.feedback import ReceiverFeedback
from colorfilter.webrtc.engine.jitter_buffer import EncodedPicture, JitterBuffer, Packet
from colorfilter.webrtc.engine.nack import NackRequester
from colorfilter.webrtc.engine.parent import Private, check_parent, overrides
from colorfilter.webrtc.engine.picture_gate import PictureLimit
from colorfilter.webrtc.engine.transport import LiveTransport, transport_of
from colorfilter.webrtc.engine.ulpfec import RED, UlpfecReceiver, fec_parameters

KEY_FRAME_INTERVAL_S = 0.5  # between two requests for a key frame; Chromium answers to one in 0.3 s
SEQUENCE_RANGE, TIMESTAMP_RANGE = 1 << 16, 1 << 32


class Unwrapper:
    """Numbers that wrap around, without the wraps: each is the nearest to the one before. They begin above 0."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._last: int | None = None

    def unwrap(self, number: int) -> int:
        """The number that ends in these bits."""
        if self._last is None:
            self._last = self._size + number
        half = self._size // 2
        self._last += (number - self._last + half) % self._size - half
        return self._last


class LiveReceiver(RTCRtpReceiver):
    """A receiver of VP8 that is never far behind, and over a gap asks for a key frame within a second."""

    _codecs = Private(RTCRtpReceiver, "codecs")
    _decoder_queue = Private(RTCRtpReceiver, "decoder_queue")
    _decoder_thread = Private(RTCRtpReceiver, "decoder_thread")
    _remote_streams = Private(RTCRtpReceiver, "remote_streams")
    _rtcp_ssrc = Private(RTCRtpReceiver, "rtcp_ssrc")
    _rtcp_task = Private(RTCRtpReceiver, "rtcp_task")
    _rtx_ssrcs = Private(RTCRtpReceiver, "rtx_ssrc")
    _started = Private(RTCRtpReceiver, "started")

    def __init__(self, transport: LiveTransport, limit: PictureLimit) -> None:
        """Raises ParentMovedError."""
        super().__init__("video", transport)
        check_parent(self)
        self._limit = limit
        self._lost = threading.Event()
        self._decoder_queue = PictureQueue(self._lost)
        self._numbers, self._timestamps = Unwrapper(SEQUENCE_RANGE), Unwrapper(TIMESTAMP_RANGE)
        self._first_timestamp: int | None = None
        self._buffer = JitterBuffer()
        self._nack = NackRequester()
        self._fec = UlpfecReceiver(0)
        self._feedback: ReceiverFeedback | None = None  # of a browser that numbers its packets
        self._key_frame_asked = float("-inf")

    @overrides
    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Begin to receive, with a decoder thread of our own."""
        if self._started:
            return
        self._codecs.update({codec.payloadType: codec for codec in parameters.codecs})
        self._rtx_ssrcs.update({one.rtx.ssrc: one.ssrc for one in parameters.encodings if one.rtx})
        self._fec = UlpfecReceiver(*fec_parameters(parameters))
        assert self._track is not None
        arguments = (self._decoder_queue, self._track._queue, asyncio.get_running_loop(), self._limit)
        self._decoder_thread = threading.Thread(target=decode_pictures, name="video-decoder", args=arguments)
        self._decoder_thread.start()
        self.transport._register_rtp_receiver(self, parameters)
        self._rtcp_task = asyncio.ensure_future(self._run_rtcp())
        self._started = True

    @overrides
    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        if not self._enabled:
            return
        if packet.extensions.transport_sequence_number is not None:
            await self._tell(packet.extensions.transport_sequence_number, packet.ssrc)
        codec = self._codecs.get(packet.payload_type)
        if codec is None:
            return
        if packet.ssrc not in self._remote_streams:
            self._remote_streams[packet.ssrc] = StreamStatistics(codec.clockRate)
        self._remote_streams[packet.ssrc].add(packet)
        now, resent = time.monotonic(), is_rtx(codec)
        original = self._unwrap(packet, codec) if resent else packet
        if original is not None:
            for one in self._open(original, b"" if resent else transport_of(self.transport).datagram):
                with suppress(ValueError):  # a payload that cannot be read
                    await self._take(one, now)

    def _open(self, packet: RtpPacket, datagram: bytes) -> list[RtpPacket]:
        """The packet, or that within one of RED, after those that are restored by it; none if it cannot be read."""
        if self._codecs[packet.payload_type].mimeType != RED:
            return [packet]
        with suppress(ValueError):
            return self._fec.open(packet, datagram, self._numbers.unwrap(packet.sequence_number))
        return []

    def _unwrap(self, packet: RtpPacket, codec: RTCRtpCodecParameters) -> RtpPacket | None:
        """The packet that was sent again, None if it is of no use (RFC 4588)."""
        ssrc, payload_type = self._rtx_ssrcs.get(packet.ssrc), codec.parameters.get("apt")
        known = isinstance(payload_type, int) and payload_type in self._codecs
        if ssrc is None or not known or len(packet.payload) < 2:
            return None
        return unwrap_rtx(packet, payload_type=cast(int, payload_type), ssrc=ssrc)

    async def _take(self, packet: RtpPacket, now: float) -> None:
        """Take a packet of the video itself. Raises ValueError for a payload that cannot be read."""
        number = self._numbers.unwrap(packet.sequence_number)
        given_up = self._nack.add(number, now)
        pictures = self._buffer.add(_parse(packet, number))
        if given_up and (self._buffer.next is None or number > self._buffer.next):
            self._buffer.await_key_frame()
        if self._buffer.next is not None:
            self._nack.forget_before(self._buffer.next)
            if missing := self._nack.due(now):
                metrics.PACKETS_ASKED.inc(len(missing))
                await self._send_rtcp_nack(packet.ssrc, [one % SEQUENCE_RANGE for one in missing])
        if (self._buffer.next is None or self._lost.is_set()) and now - self._key_frame_asked >= KEY_FRAME_INTERVAL_S:
            self._lost.clear()
            self._key_frame_asked = now
            await self._send_rtcp_pli(packet.ssrc)
        if pictures and self._decoder_thread:
            self._hand_on(pictures, now)

    def _hand_on(self, pictures: list[EncodedPicture], now: float) -> None:
        if self._feedback is not None:
            for picture in pictures:
                self._feedback.on_data(picture.data)
        timed = [(self._timestamps.unwrap(picture.timestamp), picture.data) for picture in pictures]
        if self._first_timestamp is None:
            self._first_timestamp = timed[0][0]
        self._decoder_queue.put(PictureBatch([(at - self._first_timestamp, data) for at, data in timed], now))

    async def _tell(self, number: int, ssrc: int) -> None:
        """Tell the browser when its packets came, as often as that is due."""
        if self._feedback is None:
            self._feedback = ReceiverFeedback()
        for report in self._feedback.on_arrival(number, ssrc, self._rtcp_ssrc or 0, self._fec.parity_share):
            await self._send_rtcp(report)

    @overrides
    async def _send_rtcp(self, packet: AnyRtcpPacket | Any) -> None:
        # A report that cannot be written ends the task of the reports, and `stop` waits for that for ever.
        with suppress(struct.error, ValueError):
            await super()._send_rtcp(packet)


def _parse(packet: RtpPacket, number: int) -> Packet:
    """The packet with its VP8 payload (RFC 7741). Raises ValueError."""
    if not packet.payload:
        return Packet(number, packet.timestamp, b"", False, False)
    descriptor, data = VpxPayloadDescriptor.parse(packet.payload)
    begins = bool(descriptor.partition_start) and descriptor.partition_id == 0
    return Packet(number, packet.timestamp, data, begins, bool(packet.marker), descriptor.picture_id)
