"""What a sender puts on the line: probes of padding, numbered; and the rate that its encoder gets."""

import asyncio
from types import SimpleNamespace

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtcrtpsender import RTCEncodedFrame
from aiortc.rtp import HeaderExtensionsMap, RtpPacket, unwrap_rtx

from colorfilter.webrtc.congestion_control.probing import ProbeCluster
from colorfilter.webrtc.engine import LivePeerConnection, transport_cc
from colorfilter.webrtc.engine.send_side import SendSide
from colorfilter.webrtc.engine.sender import LiveSender
from colorfilter.webrtc.engine.transport import LiveTransport
from tests.support import simulated_time
from tests.support.loopback import Loopback, Network

PARAMETERS = RTCRtpParameters(headerExtensions=[RTCRtpHeaderExtensionParameters(id=4, uri=transport_cc.URI)])


class Line(LiveTransport):
    """A transport that keeps what is sent."""

    def __init__(self):
        self.send_side = SendSide()
        self.sent = []
        self._state = SimpleNamespace()

    async def _send_rtp(self, data):
        self.sent.append(data)


async def sender_on(line, rtx_payload_type=98):
    sender = LiveSender("video", line)
    sender._extensions.configure(PARAMETERS)
    sender._rtx_payload_type, sender._rtx_sequence_number = rtx_payload_type, 0xFFFE
    return sender


def probe(cluster, media=()):
    """The packets of a cluster, parsed, and what was noted of each; pictures of such sizes are sent meanwhile."""

    async def main():
        line = Line()
        sender = await sender_on(line)
        probing = asyncio.ensure_future(sender._probe.send(cluster))
        await asyncio.sleep(0)
        for number, size in enumerate(media):
            await sender._send_picture(RTCEncodedFrame([b"\x10\x01" + bytes(size)], 0, 0), 97, number, 90)
        await probing
        await sender._send_picture(RTCEncodedFrame([b"\x10\x01"], 0, 0), 97, len(media), 90)
        return line, sender

    line, sender = simulated_time.run(main())
    readable = HeaderExtensionsMap()
    readable.configure(PARAMETERS)
    *packets, after = [RtpPacket.parse(data, readable) for data in line.sent]
    *noted, noted_after = line.send_side.history._packets.values()
    assert after.ssrc == sender._ssrc
    assert noted_after.probe is None
    return packets, noted


def test_a_probe_is_padding_with_numbers_that_wrap_around():
    packets, noted = probe(ProbeCluster(7, 400_000.0, 1_250))
    assert {sent.probe for sent in noted} == {7}
    assert len({packet.ssrc for packet in packets}) == 1
    assert {(packet.payload_type, packet.payload, packet.padding_size) for packet in packets} == {(98, b"", 224)}
    assert [packet.sequence_number for packet in packets] == [0xFFFE, 0xFFFF, 0, 1, 2, 3]
    assert [packet.extensions.transport_sequence_number for packet in packets] == list(range(6))


def test_a_fast_probe_has_as_many_bytes_as_it_wants():
    _, noted = probe(ProbeCluster(1, 8e6, 25_000))
    assert 25_000 <= sum(sent.size for sent in noted) < 25_300


def test_what_leaves_meanwhile_is_part_of_a_probe():
    """The line carries it too; with as much padding beside it, more than was asked would be sent, and less found."""
    packets, noted = probe(ProbeCluster(3, 8e6, 25_000), [1_000, 1_000])
    assert {sent.probe for sent in noted} == {3}
    assert 25_000 <= sum(sent.size for sent in noted) < 25_300
    assert sum(len(packet.payload) for packet in packets) > 2_000


def test_a_browser_without_rtx_gets_no_probes():
    async def main():
        sender = await sender_on(Line(), rtx_payload_type=None)
        await asyncio.wait_for(sender._send_probes(), 1)

    asyncio.run(main())


def picture_sent(redundant):
    """The packets of a picture of three, parsed, to a browser for which each is to be sent twice, or not."""

    async def main():
        line = Line()
        sender = await sender_on(line)
        controller = line.send_side.controller
        controller._aimd.set(1e9)
        controller.want_redundancy(redundant, 0.0)
        await sender._send_picture(RTCEncodedFrame([b"\x10\x01" + bytes(500)] * 3, 0, 0), 97, 0xFFFF, 90)
        return line, sender

    line, sender = asyncio.run(main())
    readable = HeaderExtensionsMap()
    readable.configure(PARAMETERS)
    return [RtpPacket.parse(data, readable) for data in line.sent], sender


def test_a_packet_that_is_to_be_sent_twice_follows_itself_on_the_rtx_stream():
    """Before the next one: the browser sees no gap, and asks for nothing."""
    packets, sender = picture_sent(redundant=True)
    assert [packet.ssrc for packet in packets] == [sender._ssrc, sender._rtx_ssrc] * 3
    assert [packet.sequence_number for packet in packets[::2]] == [0xFFFF, 0, 1]
    again = [unwrap_rtx(packet, 97, sender._ssrc) for packet in packets[1::2]]
    assert [(one.sequence_number, one.marker, one.payload) for one in again] == [
        (one.sequence_number, one.marker, one.payload) for one in packets[::2]
    ]
    numbers = [packet.extensions.transport_sequence_number for packet in packets]
    assert numbers == list(range(6))


def test_otherwise_each_packet_goes_once():
    packets, sender = picture_sent(redundant=False)
    assert [packet.ssrc for packet in packets] == [sender._ssrc] * 3


def test_packets_are_numbered_told_of_and_probed_and_the_encoder_follows():
    async def main():
        async with Loopback(Network(), Network(), LivePeerConnection) as loop:
            await loop.seen_by_viewer.more(60)
            controller = loop.sender.side.controller
            assert controller._has_feedback
            assert controller._probes._count > 0
            assert 0 < loop.sender._encoder.target.bitrate <= controller.estimate

    asyncio.run(main())
