"""The steps that make the stock engine sharp and quick, each put where aiortc or streamlit-webrtc will find it."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable
from typing import Any, cast

import aiortc.codecs
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import aiortc.rtp
import streamlit_webrtc.relay
from aiortc.codecs import vpx
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpHeaderExtensionParameters
from aiortc.rtp import AnyRtcpPacket, RtcpRrPacket, RtcpSrPacket, RtpPacket

from colorfilter.webrtc import connection, transport_cc, turn
from colorfilter.webrtc.encoder import LiveEncoder
from colorfilter.webrtc.feedback import PlayoutDelayExtension, ReceiverFeedback
from colorfilter.webrtc.rate_control import START_BITRATE
from colorfilter.webrtc.receiver import (
    CatchUpQueue,
    LiveDecoder,
    MarkerJitterBuffer,
    NewestFrameRelay,
    PersistentNackGenerator,
)

logger = logging.getLogger("colorfilter.webrtc")


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
    patch_media_relay,
    connection.patch_orphan_check,
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
