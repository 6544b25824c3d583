"""Two peers in one process, over a network between them that loses, delays, reorders and duplicates by a seed."""

import asyncio
import contextlib
import random
import re
from fractions import Fraction

import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame

from colorfilter.webrtc.engine import LivePeerConnection, transport_cc
from tests.support.patience import PATIENCE

WIDTH, HEIGHT = 320, 240
BITS = 16
FRAME_S = 1 / 30


class Network:
    """One way between two peers. Any of it may be changed at any time."""

    def __init__(self, seed=1, loss=0.0, delay_s=0.0, jitter_s=0.0, duplicates=0.0):
        self.loss, self.delay_s, self.jitter_s, self.duplicates = loss, delay_s, jitter_s, duplicates
        self.down = False
        self.dropped = 0
        self._random = random.Random(seed)

    def between(self, send):
        """What sends over this network, by that which sends."""

        async def carry(data):
            draw = self._random.random
            if self.down or (data[0] > 127 and draw() < self.loss):  # media (RFC 7983); the handshake has no help
                self.dropped += 1
                return
            for _ in range(2 if draw() < self.duplicates else 1):
                wait = self.delay_s + draw() * self.jitter_s
                asyncio.get_running_loop().call_later(wait, lambda: asyncio.ensure_future(deliver(data)))

        async def deliver(data):
            with contextlib.suppress(ConnectionError):
                await send(data)

        return carry


class NumberedTrack(MediaStreamTrack):
    """Frames that show their own number, one bit a column, at 30 a second."""

    kind = "video"

    def __init__(self):
        super().__init__()
        self.number = 0
        self._due = None

    async def recv(self):
        loop = asyncio.get_running_loop()
        self._due = max(loop.time(), self._due + FRAME_S) if self._due else loop.time()
        await asyncio.sleep(self._due - loop.time())
        self.number += 1
        bits = [self.number >> place & 1 for place in range(BITS)]
        luma = np.repeat(np.array(bits, np.uint8) * 180 + 30, WIDTH // BITS)[None].repeat(HEIGHT, axis=0)
        planes = np.concatenate([luma.ravel(), np.full(WIDTH * HEIGHT // 2, 128, np.uint8)])
        frame = VideoFrame.from_ndarray(planes.reshape(HEIGHT * 3 // 2, WIDTH), "yuv420p")
        frame.pts, frame.time_base = self.number * 3000, Fraction(1, 90000)
        return frame

    async def more(self, count, seconds=30):
        """Wait until so many more frames have been sent or are about to be."""
        goal = self.number + count
        async with asyncio.timeout(seconds * PATIENCE):
            while self.number < goal:
                await asyncio.sleep(0.01)


def number_of(frame):
    """The number that a frame shows."""
    luma = frame.to_ndarray(format="gray")
    columns = luma.reshape(luma.shape[0], BITS, -1).mean(axis=(0, 2))
    return sum(int(level > 120) << place for place, level in enumerate(columns))


class Watcher:
    """The numbers of the frames of a track, as they come."""

    def __init__(self):
        self.numbers = []
        self.ended = asyncio.Event()

    async def watch(self, track):
        with contextlib.suppress(MediaStreamError):
            while True:
                self.numbers.append(number_of(await track.recv()))
        self.ended.set()

    async def more(self, count, seconds=30):
        """Wait for so many more frames."""
        goal = len(self.numbers) + count
        async with asyncio.timeout(seconds * PATIENCE):
            while len(self.numbers) < goal:
                await asyncio.sleep(0.01)


def with_transport_feedback(sdp):
    """The offer as a browser makes it: with transport-wide numbers and feedback."""
    lines = []
    for line in sdp.split("\r\n"):
        lines.append(line)
        if line.startswith("a=rtpmap:") and "VP8" in line:
            lines.append(f"a=rtcp-fb:{line.split(':')[1].split()[0]} transport-cc")
        if line.startswith("a=mid:"):
            lines.append(f"a=extmap:4 {transport_cc.URI}")
    return "\r\n".join(lines)


RED, ULPFEC, RED_AGAIN = 125, 110, 126  # payload types


def with_parity(sdp):
    """The offer of a peer that may send parity."""
    codecs = f"a=rtpmap:{RED} red/90000\r\na=rtpmap:{ULPFEC} ulpfec/90000\r\n"
    codecs += f"a=rtpmap:{RED_AGAIN} rtx/90000\r\na=fmtp:{RED_AGAIN} apt={RED}\r\n"
    sdp = re.sub(r"(m=video .*)\r\n", rf"\1 {RED} {ULPFEC} {RED_AGAIN}\r\n", sdp)
    return re.sub(r"(a=rtpmap:\d+ VP8)", codecs + r"\1", sdp, count=1)


class Loopback:
    """A viewer who sends numbered frames, and our server's end, which sends numbered frames of its own."""

    def __init__(self, up, down, viewer=RTCPeerConnection, server=LivePeerConnection):
        self.up, self.down = up, down
        self.viewer, self.server = viewer(), server()
        self.seen_by_server, self.seen_by_viewer = Watcher(), Watcher()
        self.viewer_track, self.server_track = NumberedTrack(), NumberedTrack()

    async def __aenter__(self):
        watch = asyncio.ensure_future
        self.viewer.on("track", lambda track: watch(self.seen_by_viewer.watch(track)))
        self.server.on("track", lambda track: watch(self.seen_by_server.watch(track)))
        self.viewer.addTrack(self.viewer_track)
        await self.viewer.setLocalDescription(await self.viewer.createOffer())
        offer = self.viewer.localDescription.sdp
        if isinstance(self.viewer, LivePeerConnection):
            offer = with_transport_feedback(offer)
        await self.server.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        self.server.addTrack(self.server_track)
        await self.server.setLocalDescription(await self.server.createAnswer())
        for peer, way in ((self.viewer, self.up), (self.server, self.down)):
            transport = peer.getTransceivers()[0].sender.transport.transport
            transport._send = way.between(transport._send)
        await self.viewer.setRemoteDescription(self.server.localDescription)
        return self

    async def __aexit__(self, *error):
        async with asyncio.timeout(20 * PATIENCE):
            await asyncio.gather(self.viewer.close(), self.server.close())
            await asyncio.gather(self.seen_by_server.ended.wait(), self.seen_by_viewer.ended.wait())

    @property
    def sender(self):
        return self.server.getTransceivers()[0].sender

    @property
    def receiver(self):
        return self.server.getTransceivers()[0].receiver
