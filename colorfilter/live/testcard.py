"""The test card as live video, for those who have no camera: a clock's hand shows that time passes evenly."""

from __future__ import annotations

import asyncio
import time
from fractions import Fraction
from functools import lru_cache

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame

from colorfilter.frames import as_bt601, copy_frame, planes
from colorfilter.stills import drawing
from colorfilter.yuv import BT601_LIMITED

FRAME_RATE = 30
TIME_BASE = Fraction(1, 90_000)  # the clock of video in RTP: RFC 7741, section 4.1
TURN_S = 4.0  # seconds in which the hand goes once round
REACH = (0.0, 1.0)  # in radii of the color wheel
BLACK = BT601_LIMITED.luma_black
WHITE = BLACK + BT601_LIMITED.luma_range
GREY = BT601_LIMITED.chroma_zero
HAND, EDGE = 1 / 90, 1 / 180  # thickness of the white hand and of its black edge, in heights of the card


class TestCard:
    """A test card of a size in pixels, both sides even."""

    def __init__(self, width: int = 1280, height: int = 720) -> None:
        self._background = _background(width, height)

    def frame(self, seconds: float) -> VideoFrame:
        """The card at a time since its start, as a new yuv420p frame in limited-range BT.601 with that time stamp."""
        frame = copy_frame(self._background)
        frame.pts, frame.time_base = round(seconds / TIME_BASE), TIME_BASE
        turn = seconds / TURN_S % 1
        luma, *chroma = planes(frame)
        hand = max(1, round(HAND * frame.height))
        edged = hand + 2 * max(1, round(EDGE * frame.height))
        drawing.draw_ray(luma, turn, REACH, edged, (BLACK,))
        drawing.draw_ray(luma, turn, REACH, hand, (WHITE,))
        for plane in chroma:
            drawing.draw_ray(plane, turn, REACH, edged // 2, (GREY,))
        return frame


@lru_cache
def _background(width: int, height: int) -> VideoFrame:
    """All of the card but its hand. Everybody's cards copy it; nobody writes it."""
    return as_bt601(VideoFrame.from_ndarray(drawing.card(width, height), format="rgb24"))


class TestCardTrack(MediaStreamTrack):
    """A test card of one viewer's own, 30 frames a second from the first time that one is asked for.

    A reader who is late gets the frame of that moment; frames that were missed are not made up for.
    """

    kind = "video"

    def __init__(self, width: int = 1280, height: int = 720) -> None:
        super().__init__()
        self._card = TestCard(width, height)
        self._count = -1
        self._start: float | None = None

    async def recv(self) -> VideoFrame:
        """The next frame, when it is due. Raises MediaStreamError once the track has been stopped."""
        if self.readyState != "live":
            raise MediaStreamError
        now = time.monotonic()
        if self._start is None:
            self._start = now
        self._count = max(self._count + 1, int((now - self._start) * FRAME_RATE))
        await asyncio.sleep(self._start + self._count / FRAME_RATE - now)
        return self._card.frame(self._count / FRAME_RATE)
