"""The steps that make the stock engine sharp and quick, each put where aiortc or streamlit-webrtc will find it."""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast

import aiortc.codecs
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import aiortc.rtp
import streamlit_webrtc.relay
from aiortc import rtcdtlstransport
from aiortc.codecs import vpx
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpHeaderExtensionParameters
from aiortc.rtp import RTCP_RTPFB_NACK, AnyRtcpPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSrPacket, RtpPacket

from colorfilter.webrtc import connection, peers, transport_cc, turn
from colorfilter.webrtc.congestion_control import START_BITRATE
from colorfilter.webrtc.encoder import LiveEncoder
from colorfilter.webrtc.feedback import ReceiverFeedback
from colorfilter.webrtc.playout_delay import PlayoutDelayExtension
from colorfilter.webrtc.receiver import (
    CatchUpQueue,
    LiveDecoder,
    MarkerJitterBuffer,
    NewestFrameRelay,
    PersistentNackGenerator,
)
from colorfilter.webrtc.send_side import (
    NumberedExtensions,
    PacedTransport,
    SendSide,
    TransportFeedback,
    retransmit,
    send_probes,
)
from colorfilter.webrtc.streams import FewStreamsSession

logger = logging.getLogger(__name__)

T = TypeVar("T")


def patch_encoder() -> None:
    """`aiortc.codecs.get_encoder` makes what the module's `Vp8Encoder` names."""
    require(aiortc.codecs, "Vp8Encoder", "get_encoder")
    require(vpx, "number_of_threads")
    setattr(aiortc.codecs, "Vp8Encoder", LiveEncoder)


def patch_codecs() -> None:
    """H.264 costs three to five times as much here, and Safari offers it first: answer with VP8 alone.

    `x-google-start-bitrate` (kbit/s) lets Chromium start at full size; without it, at 300 kbit/s and 640x360.
    """
    (vp8,) = [codec for codec in aiortc.codecs.CODECS["video"] if codec.mimeType == "video/VP8"]
    (rtx,) = [c for c in aiortc.codecs.CODECS["video"] if c.parameters.get("apt") == vp8.payloadType]
    vp8.parameters["x-google-start-bitrate"] = START_BITRATE // 1000
    aiortc.codecs.CODECS["video"][:] = [vp8, rtx]


def patch_transport_feedback() -> None:
    """Tell the browser of each arrival, and of the most that is of use; not of the rate that aiortc would guess.

    aiortc negotiates only what stands in CODECS and HEADER_EXTENSIONS, and parses the extension already.
    """
    receiver = aiortc.rtcrtpreceiver.RTCRtpReceiver
    require(receiver, "_handle_rtp_packet", "_send_rtcp", "_RTCRtpReceiver__stop_decoder")
    handle = receiver._handle_rtp_packet

    async def handle_and_tell(self: Any, packet: RtpPacket, arrival_time_ms: int) -> None:
        number = packet.extensions.transport_sequence_number
        if number is not None:
            if not hasattr(self, "_reports"):
                self._reports = ReceiverFeedback()
                self._RTCRtpReceiver__remote_bitrate_estimator = None
            for report in self._reports.on_arrival(number, packet.ssrc, self._RTCRtpReceiver__rtcp_ssrc or 0):
                await self._send_rtcp(report)
        await handle(self, packet, arrival_time_ms=arrival_time_ms)
        if number is not None:
            self._reports.on_data(getattr(packet, "_data", b""))

    setattr(receiver, "_handle_rtp_packet", handle_and_tell)
    extensions = aiortc.codecs.HEADER_EXTENSIONS["video"]
    extensions.append(RTCRtpHeaderExtensionParameters(id=4, uri=transport_cc.URI))
    for codec in aiortc.codecs.CODECS["video"]:
        if codec.rtcpFeedback:
            codec.rtcpFeedback.append(RTCRtcpFeedback(type="transport-cc"))


def patch_round_trips() -> None:
    """Hand the encoder each round trip; aiortc only keeps a mean of them."""
    sender = aiortc.rtcrtpsender.RTCRtpSender
    require(sender, "_handle_rtcp_packet")
    handle = sender._handle_rtcp_packet

    async def handle_and_hear(self: Any, packet: AnyRtcpPacket) -> None:
        encoder = self._RTCRtpSender__encoder
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket) and isinstance(encoder, LiveEncoder):
            for report in packet.reports:
                if report.ssrc == self._ssrc and report.dlsr and report.lsr == self._RTCRtpSender__lsr:
                    sent = self._RTCRtpSender__lsr_time
                    encoder.on_rtt(time.time() - sent - report.dlsr / 65536)
        await handle(self, packet)

    setattr(sender, "_handle_rtcp_packet", handle_and_hear)


def patch_rtcp_parser() -> None:
    """Take transport-wide feedback before aiortc reads it as lost packets, and hand it to the connection's sender.

    Its SSRC of media is that of any of the streams, or 0.
    """
    require(rtcdtlstransport.RtpRouter, "route_rtcp")
    parse, route = RtcpRtpfbPacket.parse, rtcdtlstransport.RtpRouter.route_rtcp

    def parse_any(data: bytes, fmt: int) -> RtcpRtpfbPacket:
        if fmt != transport_cc.FORMAT:
            return parse(data, fmt)
        if len(data) < 8:
            raise ValueError("RTCP RTP feedback length is invalid")
        packet = TransportFeedback(fmt=fmt, ssrc=0, media_ssrc=0)
        packet.body = data[8:]
        return packet

    def route_any(self: Any, packet: AnyRtcpPacket) -> Any:
        senders = [sender for sender in self.senders.values() if hasattr(sender, "_send_side")]
        return set(senders[:1]) if isinstance(packet, TransportFeedback) else route(self, packet)

    setattr(RtcpRtpfbPacket, "parse", staticmethod(parse_any))
    setattr(rtcdtlstransport.RtpRouter, "route_rtcp", route_any)


def patch_streams() -> None:
    """Each transport makes its SRTP sessions of what the module names as `Session`."""
    require(rtcdtlstransport, "Session")
    require(FewStreamsSession, "unprotect", "unprotect_rtcp")
    setattr(rtcdtlstransport, "Session", FewStreamsSession)


def patch_rtp_errors() -> None:
    """Leave out header extensions and REMB of a wrong length, and a report that cannot be written.

    aiortc meets them with struct.error, which it does not expect. What comes in then ends the connection, with a
    traceback in the log. What goes out ends the task of the reports; `RTCRtpReceiver.stop` then waits for ever, and the
    connection is never closed.
    """
    extensions, receiver = aiortc.rtp.HeaderExtensionsMap, aiortc.rtcrtpreceiver.RTCRtpReceiver
    require(aiortc.rtcrtpsender, "unpack_remb_fci")
    send, unpack_remb = receiver._send_rtcp, _with_value_error(aiortc.rtp.unpack_remb_fci)

    async def send_if_possible(self: Any, packet: AnyRtcpPacket) -> None:
        with suppress(struct.error, ValueError):
            await send(self, packet)

    setattr(extensions, "get", _with_value_error(extensions.get))
    setattr(aiortc.rtp, "unpack_remb_fci", unpack_remb)
    setattr(aiortc.rtcrtpsender, "unpack_remb_fci", unpack_remb)
    setattr(receiver, "_send_rtcp", send_if_possible)


def _with_value_error(parse: Callable[..., T]) -> Callable[..., T]:
    """A parser that raises ValueError for a wrong length, as aiortc expects."""

    @functools.wraps(parse)
    def parse_or_refuse(*args: Any) -> T:
        try:
            return parse(*args)
        except struct.error as error:
            raise ValueError(str(error)) from None

    return parse_or_refuse


def patch_sender() -> None:
    """Give each sender of video a `SendSide`: numbered and paced packets, probes, and the controller of its encoder."""
    sender = aiortc.rtcrtpsender.RTCRtpSender
    require(sender, "send", "stop", "_next_encoded_frame", "_handle_rtcp_packet", "_retransmit")
    require(aiortc.rtp, "HeaderExtensionsMap")
    setattr(aiortc.rtp, "HeaderExtensionsMap", NumberedExtensions)
    send, stop, next_frame, handle = sender.send, sender.stop, sender._next_encoded_frame, sender._handle_rtcp_packet

    async def send_paced(self: Any, parameters: Any) -> None:
        extensions = self._RTCRtpSender__rtp_header_extensions_map
        first = not self._RTCRtpSender__started and self.kind == "video"
        await send(self, parameters)
        if first and isinstance(extensions, NumberedExtensions):
            transport = self._RTCRtpSender__transport
            if not hasattr(transport, "send_side"):  # the numbers are those of the transport, for all of its senders
                transport.send_side = SendSide()
            self._send_side = transport.send_side
            extensions.history, extensions.playout_delay = self._send_side.history, self._send_side.playout_delay
            self._RTCRtpSender__transport = paced = PacedTransport(transport, self._send_side, extensions, self._ssrc)
            self._probing = asyncio.ensure_future(send_probes(self, paced, self._send_side))
            self._retransmitting = None

    async def next_frame_at_the_rate(self: Any, codec: Any) -> Any:
        if self._RTCRtpSender__encoder is None and hasattr(self, "_send_side"):
            encoder = self._RTCRtpSender__encoder = aiortc.codecs.get_encoder(codec)
            if isinstance(encoder, LiveEncoder):
                encoder.rate_controller = self._send_side.controller
        frame = await next_frame(self, codec)
        if frame is not None and hasattr(self, "_send_side"):
            self._RTCRtpSender__transport.on_frame(frame.payloads)
        return frame

    async def handle_feedback(self: Any, packet: AnyRtcpPacket) -> None:
        side = getattr(self, "_send_side", None)
        if side is None:
            await handle(self, packet)
        elif isinstance(packet, TransportFeedback):
            side.on_feedback(packet, time.monotonic())
        elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            transport = self._RTCRtpSender__transport
            transport.retransmissions.on_nack(packet.lost, side.controller.rtt, time.monotonic())
            if self._retransmitting is None or self._retransmitting.done():  # not here, where it would hold up RTCP
                self._retransmitting = asyncio.ensure_future(retransmit(self, transport, side))
        else:
            await handle(self, packet)

    async def stop_probing(self: Any) -> None:
        if hasattr(self, "_probing"):
            self._probing.cancel()
        await stop(self)

    setattr(sender, "send", send_paced)
    setattr(sender, "stop", stop_probing)
    setattr(sender, "_next_encoded_frame", next_frame_at_the_rate)
    setattr(sender, "_handle_rtcp_packet", handle_feedback)


def patch_jitter_buffer() -> None:
    """Each receiver makes a buffer of what the module's `JitterBuffer` names, and `get_decoder` a `Vp8Decoder`."""
    require(aiortc.rtcrtpreceiver, "JitterBuffer")
    require(JitterBuffer, "_remove_frame", "remove")
    require(aiortc.codecs, "Vp8Decoder", "get_decoder")
    setattr(aiortc.codecs, "Vp8Decoder", LiveDecoder)
    setattr(aiortc.rtcrtpreceiver, "JitterBuffer", MarkerJitterBuffer)


def patch_nack() -> None:
    """Each receiver makes what the module's `NackGenerator` names."""
    require(aiortc.rtcrtpreceiver, "NackGenerator")
    setattr(aiortc.rtcrtpreceiver, "NackGenerator", PersistentNackGenerator)


def patch_decoder_queue() -> None:
    """Each receiver starts a thread with the module's `decoder_worker`, whose queue has no bound."""
    receiver = aiortc.rtcrtpreceiver
    worker = receiver.decoder_worker

    def decode_what_is_new(loop: Any, pictures: Any, frames: Any, lost: Any) -> None:
        worker(loop, cast(Any, CatchUpQueue(pictures, lost)), frames, lost)

    setattr(receiver, "decoder_worker", decode_what_is_new)


def patch_playout_delay() -> None:
    """Each connection and each sender makes what the module names as `HeaderExtensionsMap`."""
    require(aiortc.rtp, "HeaderExtensionsMap")
    setattr(aiortc.rtp, "HeaderExtensionsMap", PlayoutDelayExtension)
    extensions = aiortc.codecs.HEADER_EXTENSIONS["video"]
    extensions.append(RTCRtpHeaderExtensionParameters(id=5, uri=PlayoutDelayExtension.URI))


def patch_media_relay() -> None:
    """`streamlit_webrtc.relay.get_global_relay` makes the server's relay of what the module's `MediaRelay` names."""
    require(streamlit_webrtc.relay, "MediaRelay", "get_global_relay")
    setattr(streamlit_webrtc.relay, "MediaRelay", NewestFrameRelay)


def freeze_garbage_collector() -> None:
    """What is there by now, all modules, stays: no collection of garbage need ever look at it again.

    A full one takes 70 to 100 ms otherwise, in which no frame moves.
    """
    gc.collect()
    gc.freeze()


PATCHES: list[Callable[[], None]] = [
    patch_encoder,
    patch_codecs,
    patch_transport_feedback,
    patch_round_trips,
    patch_jitter_buffer,
    patch_nack,
    patch_decoder_queue,
    patch_playout_delay,
    patch_rtcp_parser,
    patch_streams,
    patch_rtp_errors,
    patch_sender,
    patch_media_relay,
    connection.patch_orphan_check,
    connection.patch_offers,
    peers.patch_candidates,
    turn.patch_rtc_configuration,
    turn.patch_turn_allocation,
    freeze_garbage_collector,
]


def require(where: object, *names: str) -> None:
    """Raise AttributeError if one of the names is gone."""
    for name in names:
        getattr(where, name)


def install() -> None:
    """Take every step, once in a process. A step whose place has moved is left out, with one line in the log."""
    if hasattr(aiortc, "color_filter_installed"):
        return
    setattr(aiortc, "color_filter_installed", True)
    for step in PATCHES:
        try:
            step()
        except Exception as error:
            logger.warning("The live engine runs without %s: %s.", step.__name__, error)
