"""What moves the frames from the browser's packets to the encoder: promptly, whole, and never piled up."""

from __future__ import annotations

import time
from typing import Any

import aiortc.codecs  # noqa: F401  (vpx alone would import in a circle)
from aiortc.codecs import vpx
from aiortc.contrib.media import MediaRelay
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import RtpPacket
from av.frame import Frame

from colorfilter.webrtc.vp8 import is_key_frame


class NewestFrameRelay(MediaRelay):
    """A relay whose subscribers get the newest frame: the stock one queues every frame, without bound."""

    def subscribe(self, track: MediaStreamTrack, buffered: bool = False) -> MediaStreamTrack:
        return super().subscribe(track, buffered=False)


class FrameBatch(JitterFrame):
    """An encoded picture, and those that were whole as soon as it was: `rest`, as (ticks after the first, data)."""

    def __init__(self, pictures: list[JitterFrame]) -> None:
        first = pictures[0]
        super().__init__(first.data, first.timestamp)
        self.rest = [((later.timestamp - first.timestamp) % (1 << 32), later.data) for later in pictures[1:]]


class MarkerJitterBuffer(JitterBuffer):
    """A jitter buffer that hands on a picture with its last packet, which bears the marker (RFC 7741, section 4.1).

    The stock one (aiortc/jitterbuffer.py) waits for the first packet of the next picture: one frame, 33 ms, late. And
    of several pictures that waited for one lost packet it hands on one with each packet that follows, so that small
    pictures, of one packet each, stay as late as they were.
    """

    def _remove_frame(self, sequence_number: int) -> JitterFrame | None:
        pictures = list(iter(self._next_picture, None))
        return FrameBatch(pictures) if pictures else super()._remove_frame(sequence_number)

    def _next_picture(self) -> JitterFrame | None:
        while (first := self._packet(0)) is not None and not first._data:
            self.remove(1)  # padding, which probes the network and is part of no picture
        packets: list[Any] = []
        for count in range(self._capacity if self._is_video else 0):
            packet = self._packet(count)
            if packet is None or (packets and packet.timestamp != packets[0].timestamp):
                break
            packets.append(packet)
            if packet.marker:
                self.remove(count + 1)
                return JitterFrame(b"".join(p._data for p in packets), packet.timestamp)
        return None

    def _packet(self, count: int) -> Any:
        assert self._origin is not None
        return self._packets[(self._origin + count) % self._capacity]


class LiveDecoder(vpx.Vp8Decoder):
    """VP8 that decodes every picture of `FrameBatch` and shows the newest."""

    def decode(self, encoded_frame: JitterFrame) -> list[Frame]:
        shown = super().decode(encoded_frame)
        for ticks, data in getattr(encoded_frame, "rest", ()):
            shown = super().decode(JitterFrame(data, encoded_frame.timestamp + ticks)) or shown
        return shown[-1:]


class CatchUpQueue:
    """A decoder's queue that is never long: behind `MOST_WAITING` pictures, all are left out up to a key frame.

    The event `lost` makes the receiver ask for that key frame; it is set for as long as none has come.
    """

    MOST_WAITING = 15  # half a second

    def __init__(self, queue: Any, lost: Any) -> None:
        self._queue, self._lost = queue, lost
        self._behind = False

    def get(self) -> Any:
        while (task := self._queue.get()) is not None:
            if self._queue.qsize() > self.MOST_WAITING:
                self._behind = True
            elif self._behind and is_key_frame(task[1].data):
                self._behind = False
            if not self._behind:
                return task
            self._lost.set()
        return None


class PersistentNackGenerator(NackGenerator):
    """Asks again for a lost packet: the stock one asks once, and the question or the answer may be lost as well."""

    AGAIN = 0.1  # seconds; Chromium leaves out what it has sent again within a round trip

    def __init__(self) -> None:
        super().__init__()
        self._asked = float("-inf")

    def add(self, packet: RtpPacket) -> bool:
        due = super().add(packet) or (bool(self.missing) and time.monotonic() - self._asked >= self.AGAIN)
        if due:
            self._asked = time.monotonic()
        return due
