"""How soon the browser is asked to show each picture: at once, or, where many are lost, late enough to be even."""

from __future__ import annotations

from aiortc.rtcrtpparameters import RTCRtpParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap

ROUND_TRIPS, NACK_DELAY_S = 1.5, 0.06  # what a packet that is sent again takes
UNIT_S, MAX_UNITS = 0.01, 0xFFF


class PlayoutDelay:
    """The least delay to ask for, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._waits_since: float | None = None

    def update(self, waits_for_packets: bool, patience: float, rtt: float, now: float) -> None:
        """Take whether many pictures wait for a packet that is sent again, and for how long to hope that they will not.

        That, the round trip and the time are in seconds.
        """
        if not waits_for_packets:
            self.seconds, self._waits_since = 0.0, None
        elif self._waits_since is None:
            self._waits_since = now
        elif not self.seconds and now - self._waits_since >= patience:
            self.seconds = ROUND_TRIPS * rtt + NACK_DELAY_S


class PlayoutDelayExtension(HeaderExtensionsMap):
    """Header extensions that tell the browser how soon to show each picture after it is whole.

    Chromium otherwise holds all pictures back by as much as those that wait for a lost packet are late.
    """

    URI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

    def __init__(self) -> None:
        super().__init__()
        self.playout_delay: PlayoutDelay | None = None
        self._id: int | None = None

    def configure(self, parameters: RTCRtpParameters) -> None:
        super().configure(parameters)
        for extension in parameters.headerExtensions:
            if extension.uri == self.URI and extension.id < 15:
                self._id = extension.id

    def set(self, values: HeaderExtensions) -> tuple[int, bytes]:
        profile, elements = super().set(values)
        return profile, elements + self._element() if profile == 0xBEDE else elements

    def _element(self) -> bytes:
        """RFC 8285, section 4.2: id and length - 1; then the least and the most delay, 12 bits each."""
        if self._id is None:
            return b""
        least = round(self.playout_delay.seconds / UNIT_S) if self.playout_delay else 0
        most = MAX_UNITS if least else 0
        return bytes([self._id << 4 | 2]) + (min(least, MAX_UNITS) << 12 | most).to_bytes(3, "big")
