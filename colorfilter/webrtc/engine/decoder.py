"""Decodes a browser's pictures in a thread: within the limits, never far behind, and nothing broken is shown."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import aiortc.codecs  # noqa: F401  (vpx alone would import in a circle)
import av
from aiortc.codecs import vpx
from aiortc.jitterbuffer import JitterFrame
from av.frame import Frame

from colorfilter.host import metrics
from colorfilter.host.settings import settings
from colorfilter.webrtc.encoding.vp8 import is_key_frame
from colorfilter.webrtc.engine.picture_gate import PictureGate, PictureLimit
from colorfilter.webrtc.engine.smoother import MAX_HOLD_S, Smoother

logger = logging.getLogger(__name__)


class PictureBatch:
    """Encoded pictures that were whole at the same moment, each as (ticks of 1/90000 s, data)."""

    def __init__(self, pictures: Sequence[tuple[int, bytes]], arrived: float) -> None:
        self.pictures = list(pictures)
        self.arrived = arrived


class PictureQueue:
    """What waits for the decoder. Behind `MAX_WAITING` batches, all are left out up to a key frame.

    The event `lost` makes the receiver ask for that key frame; it is set for as long as none has come. A few that have
    waited for a lost packet are handed on one soon after the other; where many do, each at its time.
    """

    MAX_WAITING = 15  # half a second
    MAX_CAUGHT_UP, CATCH_UP_S = 5, 1 / 60  # pictures, so many seconds apart; of more the newest is enough

    def __init__(self, lost: threading.Event) -> None:
        self._queue: queue.SimpleQueue[PictureBatch | None] = queue.SimpleQueue()
        self._lost = lost
        self._broken = False
        self._ended = threading.Event()
        self._smoother = Smoother()
        self._held: deque[tuple[float, PictureBatch]] = deque()

    def put(self, batch: PictureBatch | None) -> None:
        """Add what has come; None at the end. From then on nothing is held: the event loop waits for this thread."""
        if batch is None:
            self._ended.set()
        self._queue.put(batch)

    def await_key_frame(self) -> None:
        """Leave out every batch up to one with a key frame, and what is left of this one."""
        self._broken = True
        self._held.clear()
        self._lost.set()

    def get(self) -> PictureBatch | None:
        """What to decode next, of which the last is shown; None at the end. Waits until that is due."""
        if not self._held:
            batch = self._next_batch()
            if batch is None:
                return None
            self._held.extend(self._timed(batch))
        due, batch = self._held.popleft()
        wait = min(due - time.monotonic(), MAX_HOLD_S)  # time stamps may jump
        if wait > 0:
            self._ended.wait(wait)
        return batch

    def _timed(self, batch: PictureBatch) -> Iterator[tuple[float, PictureBatch]]:
        """When to hand on which of its pictures."""
        self._smoother.add(batch.pictures[0][0], batch.arrived, len(batch.pictures) > 1)
        if self._smoother.hold is None and len(batch.pictures) > self.MAX_CAUGHT_UP:
            yield float("-inf"), batch
            return
        for index, picture in enumerate(batch.pictures):
            catching_up = batch.arrived + index * self.CATCH_UP_S
            due = catching_up if self._smoother.hold is None else self._smoother.due(picture[0])
            yield due, PictureBatch([picture], batch.arrived)

    def _next_batch(self) -> PictureBatch | None:
        while (batch := self._queue.get()) is not None:
            if self._queue.qsize() > self.MAX_WAITING:
                self._broken = True
            elif self._broken and is_key_frame(batch.pictures[0][1]):
                self._broken = False
            if not self._broken:
                return batch
            self._lost.set()
        return None


class LiveDecoder:
    """VP8 that decodes every picture of a batch within the limits and shows the newest."""

    def __init__(self, limit: PictureLimit | None = None) -> None:
        self._decoder = vpx.Vp8Decoder()
        self._gate = PictureGate(settings().max_picture_rate, limit)

    def decode(self, batch: PictureBatch) -> list[Frame]:
        """The newest frame, none if no picture is whole or within the limits. Raises av.FFmpegError."""
        shown: list[Frame] = []
        for ticks, data in batch.pictures:
            if self._gate.admit(data, time.monotonic()):
                shown = self._decode(data, ticks) or shown
            else:
                metrics.PICTURES_LEFT_OUT.inc()
        return shown[-1:]

    def _decode(self, data: bytes, ticks: int) -> list[Frame]:
        decoded: list[Any] = self._decoder.decode(JitterFrame(data, ticks))
        for frame in decoded:
            metrics.observe_picture(frame.width * frame.height)
        return decoded


def decode_pictures(
    pictures: PictureQueue,
    frames: asyncio.Queue[Frame | None],
    loop: asyncio.AbstractEventLoop,
    limit: PictureLimit,
) -> None:
    """The work of a receiver's thread: decode to `frames`, which belongs to the loop, and end it with None."""
    decoder = LiveDecoder(limit)
    while (batch := pictures.get()) is not None:
        try:
            shown = decoder.decode(batch)
        except av.FFmpegError as error:
            logger.debug("A picture cannot be decoded: %s", error)
            pictures.await_key_frame()
            continue
        for frame in shown:
            _hand_over(frame, frames, loop)
    _hand_over(None, frames, loop)


def _hand_over(frame: Frame | None, frames: asyncio.Queue[Frame | None], loop: asyncio.AbstractEventLoop) -> None:
    with suppress(RuntimeError):  # the loop may be closed, at the end of the process
        loop.call_soon_threadsafe(frames.put_nowait, frame)
