"""What moves the frames from the browser's packets to the encoder: promptly, whole, and never piled up."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import aiortc.codecs  # noqa: F401  (vpx alone would import in a circle)
from aiortc.codecs import vpx
from aiortc.contrib.media import MediaRelay
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import RTP_HISTORY_SIZE, RtpPacket
from av.frame import Frame

from colorfilter.host.settings import settings
from colorfilter.webrtc.limits import PictureGate
from colorfilter.webrtc.smoother import Smoother
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
        self.arrived = time.monotonic()
        self.rest = [((later.timestamp - first.timestamp) % (1 << 32), later.data) for later in pictures[1:]]

    def pictures(self) -> list[JitterFrame]:
        """Each of them by itself."""
        rest = [JitterFrame(data, self.timestamp + ticks) for ticks, data in self.rest]
        return [JitterFrame(self.data, self.timestamp), *rest]


class MarkerJitterBuffer(JitterBuffer):
    """A jitter buffer that hands on a picture with its last packet, which bears the marker (RFC 7741, section 4.1).

    The stock one (aiortc/jitterbuffer.py) waits for the first packet of the next picture, which is 33 ms later. If
    several whole pictures wait for one lost packet, it hands on one of them for each packet that follows: pictures of
    one packet each then stay late for ever.
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
    """VP8 that decodes every picture of `FrameBatch` within the limits and shows the newest."""

    def __init__(self) -> None:
        super().__init__()
        self._gate = PictureGate(settings().max_picture_rate)

    def decode(self, encoded_frame: JitterFrame) -> list[Frame]:
        shown = self._decode_one(encoded_frame)
        for ticks, data in getattr(encoded_frame, "rest", ()):
            shown = self._decode_one(JitterFrame(data, encoded_frame.timestamp + ticks)) or shown
        return shown[-1:]

    def _decode_one(self, picture: JitterFrame) -> list[Frame]:
        return super().decode(picture) if self._gate.admit(picture.data, time.monotonic()) else []


class CatchUpQueue:
    """A decoder's queue that is never long: behind `MAX_WAITING` pictures, all are left out up to a key frame.

    The event `lost` makes the receiver ask for that key frame; it is set for as long as none has come. Where many
    pictures wait for lost packets, each is handed on in its turn and at its time.
    """

    MAX_WAITING = 15  # half a second

    def __init__(self, queue: Any, lost: Any) -> None:
        self._queue, self._lost = queue, lost
        self._behind = False
        self._smoother = Smoother()
        self._held: deque[tuple[Any, JitterFrame]] = deque()

    def get(self) -> Any:
        """The next (codec, picture), None at the end. Waits until the picture is due."""
        if not self._held:
            task = self._next_task()
            if task is None or not isinstance(task[1], FrameBatch):
                return task
            codec, batch = task
            self._smoother.add(batch.timestamp, batch.arrived, bool(batch.rest))
            self._held.extend((codec, picture) for picture in (batch.pictures() if self._smoother.hold else [batch]))
        codec, picture = self._held.popleft()
        wait = self._smoother.due(picture.timestamp) - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        return codec, picture

    def _next_task(self) -> Any:
        while (task := self._queue.get()) is not None:
            if self._queue.qsize() > self.MAX_WAITING:
                self._behind = True
            elif self._behind and is_key_frame(task[1].data):
                self._behind = False
            if not self._behind:
                return task
            self._lost.set()
        return None


class PersistentNackGenerator(NackGenerator):
    """Asks again for a lost packet: the stock one asks once, and the question or the answer may be lost as well."""

    RETRY_INTERVAL_S = 0.1  # seconds; Chromium leaves out what it has sent again within a round trip

    def __init__(self) -> None:
        super().__init__()
        self._asked = float("-inf")

    def add(self, packet: RtpPacket) -> bool:
        if (
            self.max_seq is not None
            and RTP_HISTORY_SIZE < (packet.sequence_number - self.max_seq) % (1 << 16) < 1 << 15
        ):
            self.max_seq = None  # nobody still has what lies between
            self.missing.clear()
        due = super().add(packet) or (bool(self.missing) and time.monotonic() - self._asked >= self.RETRY_INTERVAL_S)
        if due:
            self._asked = time.monotonic()
        return due
