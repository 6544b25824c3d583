"""Sends video to a browser: numbered, paced and probed packets, at the rate that the network carries.

Read in aiortc 1.16, `RTCRtpSender`.
"""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from contextlib import suppress
from typing import Any

from aiortc import MediaStreamTrack, RTCRtpSender, clock
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpsender import RTCEncodedFrame, random_sequence_number
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_RTPFB_NACK,
    RTP_HISTORY_SIZE,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
    unpack_remb_fci,
    wrap_rtx,
)
from aiortc.utils import random32, uint16_add, uint32_add
from av import VideoFrame

from colorfilter.webrtc.encoding.encoder import LiveEncoder, RateTarget
from colorfilter.webrtc.encoding.resolution import full_rate
from colorfilter.webrtc.encoding.vp8 import is_key_frame
from colorfilter.webrtc.engine.header_extensions import SenderExtensions
from colorfilter.webrtc.engine.parent import Private, check_parent, overrides
from colorfilter.webrtc.engine.probe_sender import ProbeSender
from colorfilter.webrtc.engine.retransmission import RetransmissionQueue
from colorfilter.webrtc.engine.send_side import HEADER_BYTES, OVERHEAD_BYTES
from colorfilter.webrtc.engine.transport import LiveTransport, transport_of

logger = logging.getLogger(__name__)

IDLE_S = 0.02  # between two looks for a track, or for a probe that is due
PROBE_PADDING_BYTES = 224  # small packets, of which a thin line's probe has enough soon


class LiveSender(RTCRtpSender):
    """A sender of VP8. All that it knows of the network lives on the event loop; the encoder's thread gets a number."""

    _encoder = Private(RTCRtpSender, "encoder")
    _extensions = Private(RTCRtpSender, "rtp_header_extensions_map")
    _force_key_frame = Private(RTCRtpSender, "force_keyframe")
    _history = Private(RTCRtpSender, "rtp_history")
    _lsr = Private(RTCRtpSender, "lsr")
    _lsr_time = Private(RTCRtpSender, "lsr_time")
    _mid = Private(RTCRtpSender, "mid")
    _ntp_timestamp = Private(RTCRtpSender, "ntp_timestamp")
    _octet_count = Private(RTCRtpSender, "octet_count")
    _packet_count = Private(RTCRtpSender, "packet_count")
    _rtp_exited = Private(RTCRtpSender, "rtp_exited")
    _rtp_started = Private(RTCRtpSender, "rtp_started")
    _rtp_timestamp = Private(RTCRtpSender, "rtp_timestamp")
    _rtx_payload_type = Private(RTCRtpSender, "rtx_payload_type")
    _rtx_sequence_number = Private(RTCRtpSender, "rtx_sequence_number")
    _own_track = Private(RTCRtpSender, "track")

    def __init__(self, track_or_kind: MediaStreamTrack | str, transport: LiveTransport) -> None:
        """Raises ParentMovedError."""
        super().__init__(track_or_kind, transport)
        check_parent(self)
        self._extensions = SenderExtensions()
        self._retransmissions = RetransmissionQueue()
        self._retransmitting: asyncio.Future[None] | None = None
        self._probe = ProbeSender(self._send_padding)

    @property
    def side(self) -> Any:
        """What the connection knows of the network; it is the transport's, which may be replaced by a bundled one."""
        return transport_of(self.transport).send_side

    # ---- Pictures ----------------------------------------------------------------------------------------------

    @overrides
    async def _run_rtp(self, codec: RTCRtpCodecParameters) -> None:
        self._rtp_started.set()
        self._extensions.playout_delay = self.side.playout_delay
        self.side.has_rtx = self._rtx_payload_type is not None
        number, origin = random_sequence_number(), random32()
        probing = asyncio.ensure_future(self._send_probes())
        try:
            while True:
                if not self._own_track:
                    await asyncio.sleep(IDLE_S)
                elif (picture := await self._next_encoded_frame(codec)) is not None:
                    timestamp = uint32_add(origin, picture.timestamp)
                    await self._send_picture(picture, codec.payloadType, number, timestamp)
                    number = uint16_add(number, len(picture.payloads))
        except (asyncio.CancelledError, ConnectionError, MediaStreamError):
            pass
        except Exception:
            logger.warning("A video's sender has failed.", exc_info=True)
        finally:
            for task in (probing, self._retransmitting):
                if task is not None:
                    task.cancel()
            if self._own_track:
                self._own_track.stop()
            self._own_track = self._encoder = None
            self._rtp_exited.set()  # for which `stop` waits

    @overrides
    async def _next_encoded_frame(self, codec: RTCRtpCodecParameters) -> RTCEncodedFrame | None:
        """The track's next frame, encoded; None if it is left out."""
        frame = await self._own_track.recv()
        if not self._enabled:
            return None
        if self._encoder is None:
            self._encoder = LiveEncoder()
        if not isinstance(frame, VideoFrame):  # a packet, encoded already
            payloads, timestamp = self._encoder.pack(frame)
        else:
            self._encoder.target = self._rate_target(frame)
            forced, self._force_key_frame = self._force_key_frame, False
            encode = asyncio.get_running_loop().run_in_executor
            payloads, timestamp = await encode(None, self._encoder.encode, frame, forced)
        return RTCEncodedFrame(payloads, timestamp, 0) if payloads else None

    def _rate_target(self, frame: VideoFrame) -> RateTarget:
        controller = self.side.controller
        bitrate = controller.target_bitrate(full_rate(frame.width, frame.height), time.monotonic())
        return RateTarget(bitrate, controller.limited_by_network)

    async def _send_picture(self, picture: RTCEncodedFrame, payload_type: Any, number: int, timestamp: int) -> None:
        _, start = VpxPayloadDescriptor.parse(picture.payloads[0])
        if is_key_frame(start):
            self._retransmissions.on_key_frame(number)
        last, twice = len(picture.payloads) - 1, self.side.controller.carries_redundancy
        for index, payload in enumerate(picture.payloads):
            packet = RtpPacket(
                payload_type, int(index == last), uint16_add(number, index), timestamp, self._ssrc, payload
            )
            packet.extensions.mid = self._mid
            self._history[packet.sequence_number % RTP_HISTORY_SIZE] = packet
            await self._send_packet(packet, len(payload))
            if twice:
                await self._send_again(packet, media=None)
            self._octet_count += len(payload)
            self._packet_count += 1
        self._ntp_timestamp, self._rtp_timestamp = clock.current_ntp_time(), timestamp

    # ---- Packets -----------------------------------------------------------------------------------------------

    async def _send_packet(self, packet: RtpPacket, media: int | None, paced: bool = True) -> None:
        """Send a packet, `paced` by the line or at once. One that leaves during a probe counts to it."""
        side, now = self.side, time.monotonic()
        if paced:
            size = len(packet.payload) + HEADER_BYTES + OVERHEAD_BYTES
            wait = side.pacer.delay(size, side.controller.pacing_rate, now)
            if wait > 0:
                await asyncio.sleep(wait)
                now = time.monotonic()
        number = side.history.take_number() if self._extensions.has_numbers else None
        packet.extensions.transport_sequence_number = number
        if number is None:
            packet.extensions.abs_send_time = (clock.current_ntp_time() >> 14) & 0x00FFFFFF
        data = packet.serialize(self._extensions)
        size = len(data) + OVERHEAD_BYTES
        side.on_sent(size, media, number, self._probe.on_sent(size), now)
        await self.transport._send_rtp(data)

    async def _send_again(self, packet: RtpPacket, media: int | None = 0) -> None:
        if self._rtx_payload_type is not None:
            packet = wrap_rtx(packet, self._rtx_payload_type, self._next_rtx_number(), self._rtx_ssrc)
        await self._send_packet(packet, media)

    async def _retransmit_waiting(self) -> None:
        """Send again what waits for it, at the pace of the line; instead a key frame where that is sooner."""
        waiting = self._retransmissions
        while (number := waiting.pop(time.monotonic())) is not None:
            packet = self._history.get(number % RTP_HISTORY_SIZE)
            gone = packet is None or packet.sequence_number != number
            if gone or waiting.is_too_long(self.side.controller.estimate):
                waiting.clear()
                self._send_keyframe()
                return
            with suppress(ConnectionError):
                await self._send_again(packet)

    def _next_rtx_number(self) -> int:
        number: int = self._rtx_sequence_number
        self._rtx_sequence_number = uint16_add(number, 1)
        return number

    # ---- Probes ------------------------------------------------------------------------------------------------

    async def _send_probes(self) -> None:
        """Send a probe whenever the controller asks for one.

        A browser without RTX gets none: padding on the video's own stream would take numbers of its packets.
        """
        while self._rtx_payload_type is not None:
            await asyncio.sleep(IDLE_S)
            cluster = self.side.controller.next_probe(time.monotonic())
            if cluster is not None:
                with suppress(ConnectionError):
                    await self._probe.send(cluster)

    async def _send_padding(self) -> None:
        """Send a packet without a payload on the RTX stream (RFC 3550, section 5.1); browsers tell of its arrival."""
        padding = RtpPacket(self._rtx_payload_type, 0, self._next_rtx_number(), 0, self._rtx_ssrc)
        padding.padding_size = PROBE_PADDING_BYTES
        await self._send_packet(padding, None, paced=False)

    # ---- What the browser says ---------------------------------------------------------------------------------

    @overrides
    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        now = time.monotonic()
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            self._retransmissions.on_nack(packet.lost, self.side.controller.rtt, now)
            if self._retransmitting is None or self._retransmitting.done():  # not here, where it would hold up RTCP
                self._retransmitting = asyncio.ensure_future(self._retransmit_waiting())
            return
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            with suppress(ValueError, struct.error):
                bitrate, ssrcs = unpack_remb_fci(packet.fci)
                if self._ssrc in ssrcs:
                    self.side.controller.on_remb(bitrate, now)
            return
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == self._ssrc and report.dlsr and report.lsr == self._lsr:
                    self.side.controller.on_rtt(time.time() - self._lsr_time - report.dlsr / 65536, now)
        await super()._handle_rtcp_packet(packet)
