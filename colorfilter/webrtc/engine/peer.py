"""A peer connection whose video is received and sent by our classes. Read in aiortc 1.16, `RTCPeerConnection`.

It answers: an offer of its own would have aiortc's header extensions alone.
"""

from __future__ import annotations

import logging
from importlib.metadata import version
from typing import Any

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpSender, RTCRtpTransceiver, RTCSessionDescription, sdp
from aiortc.rtcconfiguration import RTCConfiguration
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import RTCRtcpFeedback

from colorfilter.host import metrics
from colorfilter.webrtc.congestion_control import START_BITRATE
from colorfilter.webrtc.engine.header_extensions import URIS
from colorfilter.webrtc.engine.parent import ParentMovedError, Private, overrides
from colorfilter.webrtc.engine.picture_gate import PictureLimit
from colorfilter.webrtc.engine.receiver import LiveReceiver
from colorfilter.webrtc.engine.sender import LiveSender
from colorfilter.webrtc.engine.transport import LiveTransport, transport_of
from colorfilter.webrtc.engine.ulpfec import parity_codecs

logger = logging.getLogger(__name__)

TRANSPORT_CC = RTCRtcpFeedback(type="transport-cc")


class LivePeerConnection(RTCPeerConnection):
    """Video by `LiveSender` and `LiveReceiver`, in VP8 alone; everything else is aiortc's.

    Where aiortc has moved what these take from it, the connection is a stock one, and the log says so.
    """

    def __init__(self, configuration: RTCConfiguration | None = None) -> None:
        super().__init__(configuration)
        self.picture_limit = PictureLimit()  # for what the other side sends
        metrics.CONNECTIONS.inc()

    @overrides
    def _RTCPeerConnection__createDtlsTransport(self) -> RTCDtlsTransport:
        transport = super()._RTCPeerConnection__createDtlsTransport()  # type: ignore[misc]
        try:
            LiveTransport.take_over(transport)
        except ParentMovedError as error:
            _say_stock(error)
        return transport  # type: ignore[no-any-return]

    @overrides
    def _RTCPeerConnection__createTransceiver(
        self, direction: str, kind: str, sender_track: MediaStreamTrack | None = None
    ) -> RTCRtpTransceiver:
        made = super()._RTCPeerConnection__createTransceiver(direction, kind, sender_track)  # type: ignore[misc]
        if kind == "video":
            try:
                _put_in(made, sender_track, self.picture_limit)
            except ParentMovedError as error:
                _say_stock(error)
        return made  # type: ignore[no-any-return]

    async def setRemoteDescription(self, sessionDescription: RTCSessionDescription) -> None:
        """Take an offer, or an answer."""
        await super().setRemoteDescription(sessionDescription)
        for media in sdp.SessionDescription.parse(sessionDescription.sdp).media:
            for transceiver in self.getTransceivers():
                if transceiver.mid == media.rtp.muxId and isinstance(transceiver.sender, LiveSender):
                    _negotiate(transceiver, media)


class _Parts:
    """Where a transceiver keeps its sender and its receiver."""

    sender = Private(RTCRtpTransceiver, "sender")
    receiver = Private(RTCRtpTransceiver, "receiver")


def _put_in(transceiver: RTCRtpTransceiver, track: MediaStreamTrack | None, limit: PictureLimit) -> None:
    """Give a transceiver our sender and receiver, both or, with ParentMovedError, none."""
    for part in (_Parts.sender, _Parts.receiver):
        if not hasattr(transceiver, part.name):
            raise ParentMovedError(f"{part.name} is gone")
    transport = transport_of(transceiver.sender.transport)
    sender, receiver = LiveSender(track or "video", transport), LiveReceiver(transport, limit)
    sender._stream_id = transceiver.sender._stream_id
    receiver._set_rtcp_ssrc(sender._ssrc)
    setattr(transceiver, _Parts.sender.name, sender)
    setattr(transceiver, _Parts.receiver.name, receiver)
    # H.264 costs three to five times as much here, and Safari offers it first.
    codecs = RTCRtpSender.getCapabilities("video").codecs
    transceiver.setCodecPreferences([codec for codec in codecs if codec.mimeType in ("video/VP8", "video/rtx")])


def _negotiate(transceiver: RTCRtpTransceiver, media: Any) -> None:
    """Agree to what the other side has and aiortc does not know: our header extensions, feedback and parity.

    `x-google-start-bitrate` (kbit/s) lets Chromium start at full size; without it, at 300 kbit/s and 640x360.
    """
    transceiver._headerExtensions += [one for one in media.rtp.headerExtensions if one.uri in URIS]
    offered = {codec.payloadType: codec.rtcpFeedback for codec in media.rtp.codecs}
    for codec in transceiver._codecs:
        if codec.mimeType == "video/VP8":
            codec.parameters["x-google-start-bitrate"] = START_BITRATE // 1000
            if TRANSPORT_CC in offered.get(codec.payloadType, ()):
                codec.rtcpFeedback.append(TRANSPORT_CC)
    transceiver._codecs += parity_codecs(media.rtp.codecs)


def _say_stock(error: ParentMovedError) -> None:
    logger.warning("A connection goes on without the live engine: in aiortc %s, %s.", version("aiortc"), error)
