"""How soon the browser is asked to show each picture: at once, or, where many are lost, late enough to be even."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from aiortc.rtcrtpparameters import RTCRtpParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap

from colorfilter.webrtc.congestion_control import PacketResult

WINDOW_S = 3.0
# Losses a second at which the browser begins and ends to hold pictures back. A picture that waits for a packet arrives
# with those after it, and only the newest of them is seen; three times a second that costs a third of the pictures.
MANY_LOSSES, FEW_LOSSES = 3.0, 1.0
ROUND_TRIPS, NACK_DELAY_S = 1.5, 0.06  # what a packet that is sent again takes
UNIT_S, MAX_UNITS = 0.01, 0xFFF


class PlayoutDelay:
    """The least delay to ask for, from what is lost on the way."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._losses: deque[float] = deque()

    def add(self, results: Iterable[PacketResult], rtt: float, limited: bool, now: float) -> None:
        """Take what became of packets. Losses count that no limit of the network explains: that one passes."""
        if not limited:
            self._losses.extend(now for result in results if result.arrived is None and result.probe is None)
        while self._losses and self._losses[0] < now - WINDOW_S:
            self._losses.popleft()
        each_second = len(self._losses) / WINDOW_S
        if each_second < FEW_LOSSES:
            self.seconds = 0.0
        elif each_second >= MANY_LOSSES and not self.seconds:
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
