"""The header extensions of our packets (RFC 8285): with a transport-wide number, and how soon to show the picture."""

from __future__ import annotations

from aiortc.rtcrtpparameters import RTCRtpParameters

from colorfilter.webrtc.engine import transport_cc
from colorfilter.webrtc.engine.playout_delay import PlayoutDelayExtension

URIS = (transport_cc.URI, PlayoutDelayExtension.URI)  # those that aiortc does not offer by itself


class SenderExtensions(PlayoutDelayExtension):
    """aiortc's extensions with ours, where the browser has agreed to them."""

    def __init__(self) -> None:
        super().__init__()
        self.has_numbers = False

    def configure(self, parameters: RTCRtpParameters) -> None:
        super().configure(parameters)
        self.has_numbers = any(extension.uri == transport_cc.URI for extension in parameters.headerExtensions)
