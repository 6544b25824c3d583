"""Our packets to the browser, on aiortc: numbered, paced, probed, and what the browser says of them.

Read in aiortc 1.16: `RTCRtpSender._run_rtp` and `_retransmit` serialize a packet with the sender's header extensions
map, and hand the bytes at once to the transport's `_send_rtp`.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtcrtpparameters import RTCRtpParameters
from aiortc.rtp import RTP_HISTORY_SIZE, HeaderExtensions, RtcpRtpfbPacket, RtpPacket, is_rtcp

from colorfilter.webrtc import transport_cc
from colorfilter.webrtc.congestion_control import RateController
from colorfilter.webrtc.congestion_control.probing import ProbeCluster
from colorfilter.webrtc.pacer import Pacer
from colorfilter.webrtc.playout_delay import PlayoutDelay, PlayoutDelayExtension
from colorfilter.webrtc.retransmission import RetransmissionQueue
from colorfilter.webrtc.transport_feedback import SendHistory, parse_transport_feedback
from colorfilter.webrtc.vp8 import is_key_frame

POLL_INTERVAL_S = 0.02
OVERHEAD_BYTES = 38  # of SRTP, UDP and IPv4, which the network carries too
HEADER_BYTES = 32  # of RTP with our extensions
PROBE_PADDING_BYTES = 224  # small packets, of which a thin line's probe has enough soon
MIN_PROBE_PACKETS = 6


class TransportFeedback(RtcpRtpfbPacket):
    """RTCP feedback of format 15, which aiortc would read as lost packets."""

    body: bytes = b""


class NumberedExtensions(PlayoutDelayExtension):
    """Header extensions with the transport-wide sequence number, where the browser has agreed to it."""

    def __init__(self) -> None:
        super().__init__()
        self.history: SendHistory | None = None
        self.number: int | None = None  # of the packet that was serialized last
        self._negotiated = False

    def configure(self, parameters: RTCRtpParameters) -> None:
        super().configure(parameters)
        self._negotiated = any(extension.uri == transport_cc.URI for extension in parameters.headerExtensions)

    def set(self, values: HeaderExtensions) -> tuple[int, bytes]:
        self.number = None
        if self._negotiated and self.history is not None:
            self.number = values.transport_sequence_number = self.history.take_number()
        return super().set(values)


class SendSide:
    """What one connection's sender knows of the network."""

    def __init__(self) -> None:
        self.controller = RateController()
        self.history = SendHistory()
        self.pacer = Pacer()
        self.playout_delay = PlayoutDelay()

    def on_feedback(self, packet: TransportFeedback, now: float) -> None:
        """Take the browser's feedback; `now` is in seconds, on the clock of sending.

        Feedback that cannot be parsed is left out.
        """
        try:
            arrivals = parse_transport_feedback(packet.body)
        except ValueError:
            return
        results = self.history.results(arrivals)
        if results:
            self.controller.on_feedback(results, now)
            self.playout_delay.add(results, self.controller.rtt, self.controller.limited_by_network, now)


class PacedTransport:
    """A sender's transport that paces and notes each packet of media; everything else is the transport's own."""

    def __init__(self, transport: Any, side: SendSide, extensions: NumberedExtensions, ssrc: int) -> None:
        """`ssrc` is that of the video itself; what is sent again has another."""
        self._transport, self._side, self._extensions = transport, side, extensions
        self._ssrc = ssrc.to_bytes(4, "big")
        self._begins_key_frame = False
        self.probe: int | None = None  # the cluster to which the next packet belongs
        self.retransmissions = RetransmissionQueue()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def on_frame(self, payloads: list[bytes]) -> None:
        """The payloads of a picture that is sent next."""
        _, start = VpxPayloadDescriptor.parse(payloads[0])
        self._begins_key_frame = is_key_frame(start)

    async def _send_rtp(self, data: bytes) -> None:
        if is_rtcp(data):
            await self._transport._send_rtp(data)
            return
        is_media = data[8:12] == self._ssrc  # RFC 3550, section 5.1
        if self._begins_key_frame and is_media:
            self._begins_key_frame = False
            self.retransmissions.on_key_frame(int.from_bytes(data[2:4], "big"))
        number, probe = self._extensions.number, self.probe
        self.probe = None
        side, size = self._side, len(data) + OVERHEAD_BYTES
        if probe is None:
            wait = side.pacer.delay(size, side.controller.pacing_rate, time.monotonic())
            if wait > 0:
                await asyncio.sleep(wait)
        now = time.monotonic()
        if probe is None:
            side.controller.on_sent(size, now, len(data) - HEADER_BYTES if is_media else 0)
        else:
            side.controller.on_sent(size, now)
        if number is not None:
            side.history.on_sent(number, size, now, probe)
        await self._transport._send_rtp(data)


async def retransmit(sender: Any, transport: PacedTransport, side: SendSide) -> None:
    """Send again what waits for it, at the pace of the line; instead a key frame where that is sooner."""
    queue = transport.retransmissions
    while (number := queue.pop(time.monotonic())) is not None:
        packet = sender._RTCRtpSender__rtp_history.get(number % RTP_HISTORY_SIZE)
        if packet is None or packet.sequence_number != number or queue.is_too_long(side.controller.estimate):
            queue.clear()
            sender._send_keyframe()
            return
        try:
            await sender._retransmit(number)
        except ConnectionError:
            return


async def send_probes(sender: Any, transport: PacedTransport, side: SendSide) -> None:
    """Send a probe whenever the controller asks for one, for as long as the sender runs.

    A browser without RTX gets none: padding on the video's own stream would take numbers of its packets.
    """
    while sender._RTCRtpSender__rtx_payload_type is not None:
        await asyncio.sleep(POLL_INTERVAL_S)
        cluster = side.controller.next_probe(time.monotonic())
        if cluster is not None:
            try:
                await _send_probe(sender, transport, cluster)
            except ConnectionError:
                return


async def _send_probe(sender: Any, transport: PacedTransport, cluster: ProbeCluster) -> None:
    """Send padding on the RTX stream, as libwebrtc does, evenly at the cluster's rate."""
    start, size = time.monotonic(), PROBE_PADDING_BYTES + HEADER_BYTES + OVERHEAD_BYTES
    for turn in range(max(MIN_PROBE_PACKETS, -(-cluster.size // size))):
        due = start + 8 * size * turn / cluster.bitrate
        if (wait := due - time.monotonic()) > 0.001:
            await asyncio.sleep(wait)
        transport.probe = cluster.number
        await transport._send_rtp(_padding_packet(sender))


def _padding_packet(sender: Any) -> bytes:
    """A packet of the RTX stream without a payload (RFC 3550, section 5.1); browsers tell of its arrival."""
    number = sender._RTCRtpSender__rtx_sequence_number
    sender._RTCRtpSender__rtx_sequence_number = (number + 1) & 0xFFFF
    packet = RtpPacket(payload_type=sender._RTCRtpSender__rtx_payload_type, sequence_number=number)
    packet.ssrc, packet.padding_size = sender._rtx_ssrc, PROBE_PADDING_BYTES
    return packet.serialize(sender._RTCRtpSender__rtp_header_extensions_map)
