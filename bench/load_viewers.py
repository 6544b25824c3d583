"""Viewers that cost next to nothing: they send packets encoded beforehand, and keep what comes back undecoded.

Answers three lines of JSON: "offers" with the offers; the list of answers, once all are connected; and a folder, into
which it writes what each viewer sent and got, with the seconds that were measured.
"""

import asyncio
import json
import queue
import sys
import time
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import aiortc.codecs
import av
from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters
from aiortc.rtp import RtpPacket

FRAMES_PER_SECOND = 25
SETTLING, WINDOW = 1.5, 3  # seconds
EncodedFrame: TypeAlias = "av.Packet[Any]"
TRANSPORT_NUMBERS = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"


def number_packets() -> None:
    """Number all packets of a connection, as browsers do where the server asks for it."""
    extensions = aiortc.codecs.HEADER_EXTENSIONS["video"]
    extensions.append(RTCRtpHeaderExtensionParameters(id=4, uri=TRANSPORT_NUMBERS))
    numbers: dict[int, count[int]] = {}
    serialize = RtpPacket.serialize

    def numbered(self: RtpPacket, *arguments: Any) -> bytes:
        number = next(numbers.setdefault(self.ssrc, count()))
        self.extensions.transport_sequence_number = number % 0x10000
        return serialize(self, *arguments)

    RtpPacket.serialize = numbered  # type: ignore[method-assign, assignment]


class ClipTrack(VideoStreamTrack):
    """Gives the clip's packets at its pace, from the start again when a key frame is asked for."""

    def __init__(self, packets: list[EncodedFrame], delay: float) -> None:
        super().__init__()
        self.sent: list[tuple[float, int]] = []
        self._packets = packets
        self._next = 0
        self._start = time.monotonic() + delay
        self._ticks = count()

    def restart(self) -> None:
        self._next = 0

    async def recv(self) -> EncodedFrame:  # type: ignore[override]  # aiortc sends packets too
        tick = next(self._ticks)
        await asyncio.sleep(max(0.0, self._start + tick / FRAMES_PER_SECOND - time.monotonic()))
        packet = av.Packet(bytes(self._packets[self._next]))
        packet.pts, packet.time_base = tick, Fraction(1, FRAMES_PER_SECOND)
        self.sent.append((time.monotonic(), self._next))
        self._next = (self._next + 1) % len(self._packets)
        return packet


class Keeper(queue.Queue[Any]):
    """In the place of a receiver's queue of frames to decode: keeps them."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: list[tuple[float, int, bytes]] = []

    def put(self, item: Any, *arguments: Any, **options: Any) -> None:
        if item is None:  # the receiver stops
            super().put(item)
        else:
            self.arrived.append((time.monotonic(), item[1].timestamp, item[1].data))


class Viewer:
    """One connection, its track and what came back."""

    def __init__(self, packets: list[EncodedFrame], delay: float) -> None:
        self.track, self.keeper = ClipTrack(packets, delay), Keeper()
        self.connection = RTCPeerConnection()
        sender = self.connection.addTrack(self.track)
        sender._send_keyframe = self.track.restart  # type: ignore[method-assign]
        setattr(self.connection.getReceivers()[0], "_RTCRtpReceiver__decoder_queue", self.keeper)

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def connect(self, answer: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        while self.connection.connectionState != "connected":
            await asyncio.sleep(0.05)

    def write(self, log: Path, data: Path, window: tuple[float, float]) -> None:
        arrived = [(at, stamp, len(encoded)) for at, stamp, encoded in self.keeper.arrived]
        log.write_text(json.dumps({"window": window, "sent": self.track.sent, "arrived": arrived}), encoding="utf-8")
        data.write_bytes(b"".join(encoded for *_, encoded in self.keeper.arrived))


async def main(number: int, clip: str) -> None:
    number_packets()
    with av.open(clip) as file:
        packets = [packet for packet in file.demux() if packet.size]
    viewers = [Viewer(packets, i / number / FRAMES_PER_SECOND) for i in range(number)]
    await asyncio.to_thread(sys.stdin.readline)
    print(json.dumps([await viewer.offer() for viewer in viewers]), flush=True)
    answers = json.loads(await asyncio.to_thread(sys.stdin.readline))
    await asyncio.gather(*(viewer.connect(answer) for viewer, answer in zip(viewers, answers, strict=True)))
    await asyncio.sleep(SETTLING)
    print("true", flush=True)
    folder = Path(json.loads(await asyncio.to_thread(sys.stdin.readline)))
    start = time.monotonic()
    await asyncio.sleep(WINDOW)
    end = time.monotonic()
    for i, viewer in enumerate(viewers):
        viewer.write(folder / f"{i}.json", folder / f"{i}.vp8", (start, end))
    print(end - start, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
