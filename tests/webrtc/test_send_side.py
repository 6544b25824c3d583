"""Two aiortc peers in a process of their own, both with the engine: what the sender learns; and a probe's packets."""

import asyncio
import subprocess
import sys
from types import SimpleNamespace

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket

from colorfilter.webrtc import transport_cc
from colorfilter.webrtc.congestion_control.probing import ProbeCluster
from colorfilter.webrtc.send_side import NumberedExtensions, SendSide, _send_probe, send_probes

PARAMETERS = RTCRtpParameters(headerExtensions=[RTCRtpHeaderExtensionParameters(id=4, uri=transport_cc.URI)])

PEERS = """
import asyncio, logging
from colorfilter import webrtc
webrtc.install()
from aiortc import RTCPeerConnection
from colorfilter.live.testcard import TestCardTrack

async def main():
    sending, receiving = RTCPeerConnection(), RTCPeerConnection()
    got = asyncio.Event()

    @receiving.on("track")
    def on_track(track):
        async def count():
            for _ in range(60):
                await track.recv()
            got.set()
        asyncio.ensure_future(count())

    sender = sending.addTrack(TestCardTrack(640, 480))
    await sending.setLocalDescription(await sending.createOffer())
    await receiving.setRemoteDescription(sending.localDescription)
    await receiving.setLocalDescription(await receiving.createAnswer())
    await sending.setRemoteDescription(receiving.localDescription)
    await asyncio.wait_for(got.wait(), 30)
    side = sender._send_side
    print(side.controller._has_feedback, side.controller._probes._count > 0)
    print(sender._RTCRtpSender__encoder.rate_controller is side.controller)
    probing = sender._probing
    await sending.close()
    await receiving.close()
    await asyncio.sleep(0.1)
    print(probing.done())

asyncio.run(main())
"""


def test_packets_are_numbered_told_of_and_probed_and_the_encoder_follows():
    ran = subprocess.run([sys.executable, "-c", PEERS], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["True"] * 4, ran.stdout
    assert "Traceback" not in ran.stderr


def test_a_browser_without_rtx_gets_no_probes():
    sender = SimpleNamespace(_RTCRtpSender__rtx_payload_type=None)
    asyncio.run(asyncio.wait_for(send_probes(sender, None, None), 1))


def probe(cluster):
    """The packets of a cluster, parsed, and the clusters under which they were sent."""
    extensions = NumberedExtensions()
    extensions.configure(PARAMETERS)
    extensions.history = SendSide().history
    sender = SimpleNamespace(
        _RTCRtpSender__rtx_sequence_number=0xFFFE,
        _RTCRtpSender__rtx_payload_type=98,
        _RTCRtpSender__rtp_header_extensions_map=extensions,
        _rtx_ssrc=1234,
    )
    sent = []

    class Transport:
        probe = None

        async def _send_rtp(self, data):
            sent.append((data, self.probe))

    asyncio.run(_send_probe(sender, Transport(), cluster))
    readable = HeaderExtensionsMap()
    readable.configure(PARAMETERS)
    return [RtpPacket.parse(data, readable) for data, _ in sent], {number for _, number in sent}


def test_it_is_padding_with_numbers_that_wrap_around():
    packets, clusters = probe(ProbeCluster(7, 400_000.0, 1_250))
    assert clusters == {7}
    assert {(packet.ssrc, packet.payload_type, packet.payload, packet.padding_size) for packet in packets} == {
        (1234, 98, b"", 224)
    }
    assert [packet.sequence_number for packet in packets] == [0xFFFE, 0xFFFF, 0, 1, 2, 3]
    assert [packet.extensions.transport_sequence_number for packet in packets] == list(range(6))


def test_a_fast_probe_has_as_many_bytes_as_it_wants():
    packets, _ = probe(ProbeCluster(1, 8e6, 25_000))
    assert 25_000 <= sum(224 + 32 + 38 for _ in packets) < 25_500
