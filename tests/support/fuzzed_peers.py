"""Two peers with the live engine, one of which handles broken packets: `python -m tests.support.fuzzed_peers COUNT`.

It prints what came of them.
"""

import asyncio
import random
import struct
import sys

from aiortc import RTCSessionDescription
from aiortc.rtp import RtpPacket

from colorfilter.live.testcard import TestCardTrack
from colorfilter.webrtc.engine import LivePeerConnection
from colorfilter.webrtc.engine.transport_cc import ArrivalLog
from tests.support.loopback import RED, ULPFEC, with_parity, with_transport_feedback
from tests.support.mutations import broken


async def connect():
    """Both send the card. Returns them once pictures come."""
    one, other = LivePeerConnection(), LivePeerConnection()
    one.addTrack(TestCardTrack(320, 240))
    other.addTrack(TestCardTrack(320, 240))
    await one.setLocalDescription(await one.createOffer())
    offer = with_parity(with_transport_feedback(one.localDescription.sdp))
    await other.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    await other.setLocalDescription(await other.createAnswer())
    await one.setRemoteDescription(other.localDescription)
    [receiver] = other.getReceivers()
    async with asyncio.timeout(20):
        await receiver.track.recv()
    return one, other, receiver


def rtp_packets(receiver, ssrc):
    """Packets that a browser could send, of the known stream and of another, with and without extensions."""
    payload = b"\x90\x80\x81\x23\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", 320, 240) + bytes(200)
    for payload_type in receiver._RTCRtpReceiver__codecs:
        for stream in (ssrc, 7):
            packet = RtpPacket(payload_type, 1, 5, 9000, stream, payload)
            yield packet.serialize()
            head = packet.serialize()
            for count in (1, 2, 3):  # one-byte extensions (RFC 8285, section 4.2)
                body = b"".join(bytes([number << 4 | count - 1]) + bytes(count) for number in range(1, 15))
                body += bytes(-len(body) % 4)
                yield bytes([head[0] | 0x10]) + head[1:12] + struct.pack("!HH", 0xBEDE, len(body) // 4) + body + payload


def parity_packets(receiver, ssrc):
    """Packets within RED, of which one is parity of the three before and of three that never come."""
    [vp8] = [number for number, codec in receiver._RTCRtpReceiver__codecs.items() if codec.mimeType == "video/VP8"]
    for number in range(3):
        yield RtpPacket(RED, 1, number, 9000, ssrc, bytes([vp8]) + b"\x90\x80\x81\x23" + bytes(100)).serialize()
    for first, mask in ((0x00, b"\xe0\x00"), (0x40, b"\xf0\x00\x00\x00\x00\x03")):
        parity = bytes([first, vp8]) + struct.pack("!HIHH", 0, 9000, 105, 105) + mask + bytes(105)
        yield RtpPacket(RED, 0, 3, 9000, ssrc, bytes([ULPFEC]) + parity).serialize()


def rtcp_packets(ours, theirs):
    """Reports and feedback on the stream `ours` by whoever sends `theirs` (RFC 3550, RFC 4585)."""
    log = ArrivalLog()
    for number in range(40):
        if number % 3:
            log.add(number, number * 0.01)
    feedback = log.take(1.0)
    report = struct.pack("!IIIIII", ours, 0x01_00_00_05, 9, 3, 0x1234_5678, 0x1_0000)
    yield struct.pack("!BBHI", 0x81, 201, 7, theirs) + report
    yield struct.pack("!BBHIQIII", 0x81, 200, 12, theirs, 1 << 60, 9, 9, 9) + report
    yield struct.pack("!BBHII", 0x8F, 205, 2 + len(feedback) // 4, theirs, ours) + feedback
    yield struct.pack("!BBHIIHH", 0x81, 205, 3, theirs, ours, 3, 0xFFFF)
    yield struct.pack("!BBHII", 0x81, 206, 2, theirs, ours)
    yield struct.pack("!BBHII4sII", 0x8F, 206, 5, theirs, 0, b"REMB", 0x01_09_FF_FF, ours)
    yield struct.pack("!BBHI", 0x81, 202, 3, theirs) + b"\x01\x04name\x00\x00"


async def raised(handle, packets, count, rng):
    errors = 0
    for number in range(count):
        try:
            await handle(broken(rng, rng.choice(packets)))
        except Exception as error:
            errors += 1
            print(f"{error!r}", file=sys.stderr)
        if number % 20 == 0:
            await asyncio.sleep(0)
    return errors


async def main(count):
    one, other, receiver = await connect()
    transport, [sender] = receiver.transport, other.getSenders()
    theirs = one.getSenders()[0]._ssrc
    rtp, rtcp = list(rtp_packets(receiver, theirs)), list(rtcp_packets(sender._ssrc, theirs))
    rtp += parity_packets(receiver, theirs)
    errors = await raised(lambda data: transport._handle_rtp_data(data, 1000), rtp, count, random.Random(1))
    print("rtp", errors, "raised")
    async with asyncio.timeout(20):
        for _ in range(100):  # more than wait in the queue
            await receiver.track.recv()
    print("pictures go on")
    print("rtcp", await raised(transport._handle_rtcp_data, rtcp, count, random.Random(2)), "raised")
    print(other.connectionState)
    async with asyncio.timeout(10):
        await other.close()
        await one.close()
    print("closed")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
