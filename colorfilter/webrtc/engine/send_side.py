"""What one connection knows of the network towards its browser."""

from __future__ import annotations

from collections.abc import Sequence

from colorfilter.webrtc.congestion_control import PacketResult, RateController
from colorfilter.webrtc.engine.frequency import Frequency
from colorfilter.webrtc.engine.pacer import Pacer
from colorfilter.webrtc.engine.playout_delay import PlayoutDelay
from colorfilter.webrtc.engine.send_history import SendHistory
from colorfilter.webrtc.engine.transport_feedback import parse_transport_feedback

OVERHEAD_BYTES = 38  # of SRTP, UDP and IPv4, which the network carries too
HEADER_BYTES = 32  # of RTP with our extensions
# Lost packets a second at which something is done about them, and ends. A picture that waits for a packet arrives with
# those after it, and only the newest of them is seen; three times a second that costs a third of the pictures.
MANY_LOSSES, FEW_LOSSES = 3.0, 1.0
REDUNDANCY_PATIENCE_S = 3.0  # in which it is found out whether the network carries each packet twice


class SendSide:
    """The rate, the pace and the packets on their way. All of it lives on the event loop."""

    def __init__(self) -> None:
        self.controller = RateController()
        self.history = SendHistory()
        self.pacer = Pacer()
        self.has_rtx = False  # whether packets can be sent again on a stream of their own (RFC 4588)
        self._losses = Frequency(MANY_LOSSES, FEW_LOSSES)
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
            self.on_results(results, now)

    def on_results(self, results: Sequence[PacketResult], now: float) -> None:
        """Take what became of packets, in the order of sending."""
        self.controller.on_feedback(results, now)
        lost = 0  # of packets that the network had room for: congestion passes
        if not self.controller.is_congested:
            lost = sum(result.arrived is None and result.probe is None for result in results)
        often = self._losses.update(lost, now)
        self.controller.want_redundancy(often and self.has_rtx, now)
        waits = often and not self.controller.carries_redundancy
        patience = REDUNDANCY_PATIENCE_S if self.has_rtx else 0.0
        self.playout_delay.update(waits, patience, self.controller.rtt, now)

    def on_sent(self, size: int, media: int | None, number: int | None, probe: int | None, now: float) -> None:
        """Note a packet of `size` bytes, of which `media` are a picture's (None for padding), under its number."""
        self.controller.on_sent(size, now, media)
        if number is not None:
            self.history.on_sent(number, size, now, probe)
