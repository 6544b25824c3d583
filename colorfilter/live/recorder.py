"""One viewer's clip: the encoded pictures that the viewer is sent, kept as they are and put into a WebM file.

Nothing is encoded a second time. Packets that the network loses are in the clip all the same. Where the encoder leaves
out a frame, the one before it stays longer.
"""

from __future__ import annotations

import io
import threading
import time
from collections import deque
from dataclasses import dataclass
from fractions import Fraction

import av
from av import VideoFrame

MAX_CLIP_S = 60  # seconds
MAX_CLIP_BYTES = 48_000_000  # a minute at the full rate of 1080p, 4.7 Mbit/s, is 35 MB
KEY_FRAME_INTERVAL_S = 3  # seconds; a player that seeks decodes all from the key frame before
CLOCK_RATE = 90_000  # a second, the clock of video in RTP
MAX_CUE_BYTES = 32  # bytes at most that one key frame takes in the index


@dataclass(frozen=True)
class EncodedPicture:
    """An encoded VP8 picture, its time in ticks, its width and height in pixels."""

    data: bytes
    timestamp: int
    size: tuple[int, int]
    is_key_frame: bool


class Recorder:
    """Keeps one viewer's pictures from now on: MAX_CLIP_S seconds or MAX_CLIP_BYTES, whichever is full first.

    The encoder adds pictures, from its own thread; any other thread may look, stop, and have the file.
    """

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._pictures: deque[EncodedPicture] = deque()
        self._bytes = 0
        self._key_frame_at = 0
        self._stopped = False
        self._webm: bytes | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether it still records; not any more after MAX_CLIP_S seconds, even if no picture came in them."""
        return not self._stopped and self.seconds < MAX_CLIP_S

    @property
    def seconds(self) -> float:
        """How long it has recorded, in seconds."""
        return time.monotonic() - self._since

    @property
    def held_bytes(self) -> int:
        """The memory that the clip takes."""
        return self._bytes

    @property
    def wants_key_frame(self) -> bool:
        """Whether the next picture should be a key frame. The first must be one."""
        with self._lock:
            if not self.running:
                return False
            last = self._pictures[-1].timestamp if self._pictures else None
            return last is None or last - self._key_frame_at >= KEY_FRAME_INTERVAL_S * CLOCK_RATE

    def add(self, picture: EncodedPicture) -> None:
        """Keep the next picture. Pictures before the first key frame and after the end are left out."""
        with self._lock:
            if not self.running or not (self._pictures or picture.is_key_frame):
                return
            first, last = (self._pictures[i].timestamp if self._pictures else picture.timestamp for i in (0, -1))
            full = self._bytes + len(picture.data) > MAX_CLIP_BYTES
            if full or not last <= picture.timestamp < first + MAX_CLIP_S * CLOCK_RATE:
                self._stopped = True
                return
            self._pictures.append(picture)
            self._bytes += len(picture.data)
            if picture.is_key_frame:
                self._key_frame_at = picture.timestamp

    def stop(self) -> None:
        """Record no more. What was recorded stays."""
        self._stopped = True

    def webm(self) -> bytes:
        """The clip, a WebM file that can be sought in; empty if there is no picture. Stops the recording.

        The first call makes the file, and lets go of each picture as it is put in.
        """
        self.stop()
        with self._lock:
            if self._webm is None:
                self._webm = _webm(self._pictures)
            return self._webm


def _webm(pictures: deque[EncodedPicture]) -> bytes:
    """A WebM file of the pictures, which are taken out of the deque."""
    if not pictures:
        return b""
    file = io.BytesIO()
    # The index before the pictures: a browser can seek before it has the end.
    index = 64 + MAX_CUE_BYTES * sum(picture.is_key_frame for picture in pictures)
    with av.open(file, "w", format="webm", options={"reserve_index_space": str(index)}) as container:
        width, height = max(picture.size for picture in pictures)
        stream = container.add_mux_stream("vp8", width=width, height=height)
        start, tick = pictures[0].timestamp, Fraction(1, CLOCK_RATE)
        while pictures:
            picture = pictures.popleft()
            packet = av.Packet(picture.data)
            packet.stream, packet.time_base, packet.is_keyframe = stream, tick, picture.is_key_frame
            packet.pts = packet.dts = picture.timestamp - start
            packet.duration = CLOCK_RATE // 30
            container.mux(packet)
    return file.getvalue()


# ---- Whose pictures they are -----------------------------------------------------------------------------------


def record_with(recorder: Recorder | None, frame: VideoFrame) -> None:
    """Attach the viewer's recorder to the frame, for the encoder to find."""
    # PyAV finds the object by its id until the frame is gone, so each frame has one of its own.
    frame.opaque = None if recorder is None else (recorder,)


def recorder_of(frame: VideoFrame) -> Recorder | None:
    """The recorder that is attached to the frame, or None."""
    return frame.opaque[0] if isinstance(frame.opaque, tuple) else None
