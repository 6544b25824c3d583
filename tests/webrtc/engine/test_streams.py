"""Streams that no browser sends, between two aiortc peers in a process of their own."""

import subprocess
import sys

import pytest
from pylibsrtp import Error, Policy, Session

from colorfilter.webrtc.engine.streams import MAX_STREAMS, FewStreams

KEY = bytes(range(30))  # of AES with 128 bits, and its salt (RFC 3711, section 8.2)

PEERS = """
import asyncio, struct
from types import SimpleNamespace
import aiortc.rtcrtpreceiver
from colorfilter.webrtc.engine import LivePeerConnection as RTCPeerConnection
from aiortc.rtp import RtpPacket
from colorfilter.live.testcard import TestCardTrack

aiortc.rtcrtpreceiver.random = SimpleNamespace(random=lambda: -0.45)  # a report each 0.05 s, not each 0.5 to 1.5 s

async def connect():
    sending, receiving = RTCPeerConnection(), RTCPeerConnection()
    sender = sending.addTrack(TestCardTrack(320, 240))
    await sending.setLocalDescription(await sending.createOffer())
    await receiving.setRemoteDescription(sending.localDescription)
    await receiving.setLocalDescription(await receiving.createAnswer())
    await sending.setRemoteDescription(receiving.localDescription)
    while receiving.connectionState != "connected":
        await asyncio.sleep(0.05)
    [receiver] = receiving.getReceivers()
    while not receiver._RTCRtpReceiver__remote_streams:
        await asyncio.sleep(0.05)
    return sending, sender.transport, receiving, receiver

async def handled(receiver):
    # More of the video than is on its way: what was sent before it has been handled.
    [video, *_] = receiver._RTCRtpReceiver__remote_streams.values()
    goal = video.packets_received + 20
    while video.packets_received < goal:
        await asyncio.sleep(0.01)

async def reported(receiver):
    # Three times, or up to the end of what reports.
    sent, send = [], receiver._send_rtcp
    receiver._send_rtcp = lambda packet: (sent.append(packet), send(packet))[1]
    while len(sent) < 3 and not receiver._RTCRtpReceiver__rtcp_task.done():
        await asyncio.sleep(0.01)

async def main():
    sending, transport, receiving, receiver = await connect()
    [payload_type, *_] = receiver._RTCRtpReceiver__codecs
    {what}
    await reported(receiver)
    print(receiver._RTCRtpReceiver__rtcp_task.done(), receiving.connectionState)
    await asyncio.wait_for(receiving.close(), 5)
    print("closed")
    await sending.close()

asyncio.run(main())
"""

MANY = """
    for ssrc in range(400):
        await transport._send_rtp(RtpPacket(payload_type, 0, ssrc, 0, ssrc, bytes(20)).serialize())
    await handled(receiver)
    assert len(receiver._RTCRtpReceiver__remote_streams) <= 8
"""

# One-byte extensions (RFC 8285, section 4.2) of one byte each under every id: transport-wide numbers have two.
SHORT = """
    for number in range(1, 15):
        packet = struct.pack("!BBHIIHHBBH", 0x90, payload_type, number, 0, 7, 0xBEDE, 1, number << 4, 0, 0)
        await transport._send_rtp(packet + bytes(20))
    await handled(receiver)
"""

# A mean deviation of the arrivals (RFC 3550, section 6.4.1) that has no place in its 32 bits.
JITTER = """
    [statistics, *_] = receiver._RTCRtpReceiver__remote_streams.values()
    statistics._jitter_q4 = 1 << 40
"""

# A REMB that promises more SSRCs than it has (draft-alvestrand-rmcat-remb-03).
REMB = """
    await transport._send_rtp(struct.pack("!BBHII4sI", 0x8F, 206, 4, 1, 0, b"REMB", 0xFF_00_00_01))
    await handled(receiver)
"""


@pytest.mark.parametrize("what", [MANY, SHORT, JITTER, REMB], ids=["streams", "extensions", "jitter", "REMB"])
def test_the_connection_goes_on_and_closes(what):
    script = PEERS.replace("    {what}\n", what)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert ran.stdout.split() == ["False", "connected", "closed"], ran.stderr
    assert "Traceback" not in ran.stderr


def rtp(ssrc):
    return b"\x80\x60\x00\x01\x00\x00\x00\x00" + ssrc.to_bytes(4, "big") + bytes(20)


def test_the_first_streams_are_taken_and_what_is_forged_counts_for_none():
    sender = Session(Policy(key=KEY, ssrc_type=Policy.SSRC_ANY_OUTBOUND))
    receiver = FewStreams(Session(Policy(key=KEY, ssrc_type=Policy.SSRC_ANY_INBOUND)))
    for ssrc in range(100):
        with pytest.raises(Error):
            receiver.unprotect(rtp(ssrc) + bytes(10))
    for ssrc in range(MAX_STREAMS):
        assert receiver.unprotect(sender.protect(rtp(ssrc))) == rtp(ssrc)
    with pytest.raises(Error, match="too many streams"):
        receiver.unprotect(sender.protect(rtp(MAX_STREAMS)))
    report = b"\x80\xc9\x00\x01" + bytes(4)
    assert receiver.unprotect_rtcp(sender.protect_rtcp(report)) == report  # of a stream that is known
