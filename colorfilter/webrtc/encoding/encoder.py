"""VP8 as a live picture needs it: at a rate that the network allows and a size that looks sharp at it."""

from __future__ import annotations

import time
from dataclasses import dataclass

import aiortc.codecs  # noqa: F401  (vpx alone would import in a circle)
import av
from aiortc.codecs import vpx
from aiortc.mediastreams import VIDEO_TIME_BASE, convert_timebase
from av.frame import Frame

from colorfilter.frames import as_bt601, resize_frame
from colorfilter.live.recorder import EncodedPicture, recorder_of
from colorfilter.webrtc.congestion_control import START_BITRATE
from colorfilter.webrtc.encoding.live_codec import LiveCodec, open_codec
from colorfilter.webrtc.encoding.resolution import ResolutionLadder, full_rate
from colorfilter.webrtc.encoding.vp8 import is_key_frame

MIN_KEY_FRAME_INTERVAL_S = 0.2  # however often a browser asks


@dataclass(frozen=True)
class RateTarget:
    """Bits a second to encode at, and whether it is the network that limits them."""

    bitrate: int
    limited_by_network: bool = True


class LiveEncoder(vpx.Vp8Encoder):
    """VP8 in less time than stock, at a rate that changes with any frame; a key frame only for a new size or if asked.

    From `Vp8Encoder` (aiortc/codecs/vpx.py) it has how a picture is cut into payloads, and the pictures' numbers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.target = RateTarget(START_BITRATE, limited_by_network=False)  # any thread may replace it
        self._rate = START_BITRATE
        self._source = (0, 0)
        self._ladder = ResolutionLadder(0, 0)
        self._live_codec: LiveCodec | None = None
        self._left_out = False
        self._key_frame_due = False
        self._next_key_frame = float("-inf")

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """The frame's RTP payloads, none if it is left out to hold the rate, and its time in ticks of 1/90000 s."""
        assert isinstance(frame, av.VideoFrame)
        assert frame.pts is not None
        assert frame.time_base is not None
        now, target = time.monotonic(), self.target
        timestamp = convert_timebase(frame.pts, frame.time_base, VIDEO_TIME_BASE)
        recorder = recorder_of(frame)
        self._key_frame_due |= force_keyframe or (recorder is not None and recorder.wants_key_frame)
        codec = self._codec_for(frame, target, now)
        self._left_out = self._ladder.half_frame_rate and not self._left_out
        if self._left_out:
            return [], timestamp
        key_frame = self._key_frame_due and now >= self._next_key_frame
        data = codec.encode(resize_frame(as_bt601(frame), codec.width, codec.height), key_frame, now)
        if target.limited_by_network:
            self._ladder.on_frame(8 * len(data), self._rate, now)
        if not data:  # a browser would wait for ever for a picture whose number is skipped
            return [], timestamp
        payloads = self._packetize(data, self.picture_id)
        self.picture_id = (self.picture_id + 1) % (1 << 15)
        if is_key_frame(data):
            self._key_frame_due, self._next_key_frame = False, now + MIN_KEY_FRAME_INTERVAL_S
        if recorder is not None:
            recorder.add(EncodedPicture(data, timestamp, (codec.width, codec.height), is_key_frame(data)))
        return payloads, timestamp

    def _codec_for(self, frame: av.VideoFrame, target: RateTarget, now: float) -> LiveCodec:
        """The codec for that frame, at the rate and the size of the moment."""
        source = (frame.width, frame.height)
        if source != self._source:
            self._source, self._ladder = source, ResolutionLadder(*source)
        full = full_rate(*source)
        self._rate = min(target.bitrate, full)
        # A rate that is low because the controller is still careful is not a limit.
        self._ladder.update(self._rate if target.limited_by_network else full, now, self._key_frame_due)
        codec = self._live_codec
        if codec is None or (codec.width, codec.height) != self._ladder.size:
            if codec is not None:
                codec.close()
            codec = self._live_codec = open_codec(*self._ladder.size, self._rate, now)
        codec.set_bitrate(self._rate, now)
        return codec
