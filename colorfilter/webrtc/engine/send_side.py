"""What one connection knows of the network towards its browser."""

from __future__ import annotations

from colorfilter.webrtc.congestion_control import RateController
from colorfilter.webrtc.engine.pacer import Pacer
from colorfilter.webrtc.engine.playout_delay import PlayoutDelay
from colorfilter.webrtc.engine.transport_feedback import SendHistory, parse_transport_feedback

OVERHEAD_BYTES = 38  # of SRTP, UDP and IPv4, which the network carries too
HEADER_BYTES = 32  # of RTP with our extensions


class SendSide:
    """The rate, the pace and the packets on their way. All of it lives on the event loop."""

    def __init__(self) -> None:
        self.controller = RateController()
        self.history = SendHistory()
        self.pacer = Pacer()
        self.playout_delay = PlayoutDelay()

    def on_feedback(self, body: bytes, now: float) -> None:
        """Take what the browser tells after the two SSRCs; `now` is in seconds, on the clock of sending.

        Feedback that cannot be parsed is left out.
        """
        try:
            arrivals = parse_transport_feedback(body)
        except ValueError:
            return
        results = self.history.results(arrivals)
        if results:
            self.controller.on_feedback(results, now)
            self.playout_delay.add(results, self.controller.rtt, self.controller.limited_by_network, now)

    def on_sent(self, size: int, media: int | None, number: int | None, probe: int | None, now: float) -> None:
        """Note a packet of `size` bytes, of which `media` are a picture's (None for padding), under its number."""
        self.controller.on_sent(size, now, media)
        if number is not None:
            self.history.on_sent(number, size, now, probe)
