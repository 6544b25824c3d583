"""A receiver that is handed packets, without a network: what it decodes, and what it asks for."""

import asyncio

import pytest
from aiortc import RTCCertificate, RTCDtlsTransport, RTCIceGatherer, RTCIceTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RTCP_RTPFB_NACK, RtcpRtpfbPacket, RtpPacket

from colorfilter.webrtc.engine import receiver as receiver_module
from colorfilter.webrtc.engine.picture_gate import PictureLimit
from colorfilter.webrtc.engine.receiver import LiveReceiver
from colorfilter.webrtc.engine.transport import LiveTransport
from colorfilter.webrtc.engine.ulpfec import UlpfecReceiver
from tests.support.moving import Clock
from tests.webrtc.engine.test_ulpfec import parity_of

VP8, RED, FEC = 96, 98, 99
SSRC = 7
KINDS = {VP8: "video/VP8", RED: "video/red", FEC: "video/ulpfec"}


class Packets:
    """Pictures of two packets each, the first one a key frame, and parity after each, within RED."""

    def __init__(self):
        self.video, self.sent = {}, []
        for picture in range(4):
            for part in range(2):
                self._add_video(picture, part)
            self._send(FEC, picture, parity_of(self.video, list(self.video)[-2:]), False)

    def _add_video(self, picture, part):
        # A descriptor of four bytes: extended, S on the first part, an id of 15 bits (RFC 7741, section 4.2).
        payload = bytes([0x80 if part else 0x90, 0x80, 0x80, picture]) + bytes([int(picture > 0), picture, part]) * 9
        number = len(self.sent)
        packet = RtpPacket(VP8, part, number, 3000 * picture, SSRC, payload)
        self.video[number] = packet.serialize()
        self._send(VP8, picture, payload, part)

    def _send(self, kind, picture, payload, marker):
        packet = RtpPacket(RED, int(marker), len(self.sent), 3000 * picture, SSRC, bytes([kind]) + payload)
        self.sent.append(packet.serialize())

    def picture(self, number):
        return b"".join(bytes([int(number > 0), number, part]) * 9 for part in range(2))


def new_transport():
    stock = RTCDtlsTransport(RTCIceTransport(RTCIceGatherer()), [RTCCertificate.generateCertificate()])
    LiveTransport.take_over(stock)
    return stock


async def received(monkeypatch, packets, interval=0.01):
    """(the pictures that go to the decoder, the numbers asked for). A packet comes each `interval` seconds."""
    clock = Clock()
    monkeypatch.setattr(receiver_module, "time", clock)
    receiver, transport = LiveReceiver(new_transport(), PictureLimit()), new_transport()
    receiver.setTransport(transport)  # as for video that shares another's
    codecs = [RTCRtpCodecParameters(kind, 90000, None, number) for number, kind in KINDS.items()]
    receiver._codecs.update({codec.payloadType: codec for codec in codecs})
    receiver._fec = UlpfecReceiver(FEC)
    receiver._set_rtcp_ssrc(1)
    receiver._decoder_thread = object()
    asked = []

    async def note(packet):
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            asked.extend(packet.lost)

    receiver._send_rtcp = note
    for datagram in packets:
        clock.now += interval
        transport.datagram = datagram
        await receiver._handle_rtp_packet(RtpPacket.parse(datagram), 0)
    receiver._decoder_queue.put(None)
    shown = []
    while (batch := receiver._decoder_queue.get()) is not None:
        shown.extend(data for _, data in batch.pictures)
    return shown, asked


def test_pictures_within_red_come_as_they_are(monkeypatch):
    packets = Packets()
    assert asyncio.run(received(monkeypatch, packets.sent)) == ([packets.picture(number) for number in range(4)], [])


def test_one_lost_packet_of_each_picture_is_restored_and_the_last_is_not_even_asked_for(monkeypatch):
    packets = Packets()
    sent = [datagram for number, datagram in enumerate(packets.sent) if number not in (1, 3, 7, 10)]
    shown, asked = asyncio.run(received(monkeypatch, sent))
    assert shown == [packets.picture(number) for number in range(4)]
    assert asked == [3]  # before its parity was there


@pytest.mark.parametrize("interval", [0.01, 0.6])
def test_lost_parity_holds_nothing_up(monkeypatch, interval):
    packets = Packets()
    sent = [datagram for number, datagram in enumerate(packets.sent) if number not in (2, 5, 8)]
    assert asyncio.run(received(monkeypatch, sent, interval))[0] == [packets.picture(number) for number in range(4)]
