"""VP8 as a live picture needs it: at a rate that the network allows and a size that looks sharp at it."""

from __future__ import annotations

import os
import time

import aiortc.codecs  # noqa: F401  (vpx alone would import in a circle)
import av
from aiortc.codecs import vpx
from av.frame import Frame

from colorfilter.frames import resize_frame
from colorfilter.live.recorder import EncodedPicture, recorder_of
from colorfilter.webrtc.rate_control import START_BITRATE, RateController
from colorfilter.webrtc.vp8 import is_key_frame

SHARP = 0.075  # bits a pixel; at 30 frames a second 0.9, 2.1 and 4.7 Mbit/s for the three resolutions
LEAST_SHARP = 900_000  # bits a second
COARSE = 0.035  # bits a pixel below which a smaller picture looks better, and needs fewer frames dropped
SCALES = (1.0, 0.75, 0.6, 0.5, 0.375, 0.25)
FRAME_RATE = 30


def full_rate(width: int, height: int) -> int:
    """The bit rate at which a picture of that size looks sharp, each way."""
    return max(LEAST_SHARP, round(width * height * FRAME_RATE * SHARP))


def size_at(width: int, height: int, rate: int) -> tuple[int, int]:
    """The size, at most the one given, at which `rate` bits a second still make a picture without blocks."""
    pixels = rate / FRAME_RATE / COARSE
    scale = next((scale for scale in SCALES if width * height * scale**2 <= pixels), SCALES[-1])
    return (width, height) if scale == 1 else (round(width * scale / 2) * 2, round(height * scale / 2) * 2)


class LiveEncoder(vpx.Vp8Encoder):
    """VP8 for a third less time, and with a new encoder, thus a key frame, only when the network asks for one.

    `Vp8Encoder.encode` (aiortc/codecs/vpx.py) opens its codec with cpu-used -6 and noise-sensitivity 4, and anew
    whenever the rate has changed by a tenth. It keeps a codec that it finds open at its size and `target_bitrate`.
    """

    def __init__(self) -> None:
        super().__init__()
        self._rate_controller = RateController()
        self._rate = START_BITRATE
        self._source = (0, 0)
        self._opened = float("-inf")
        self._key_frame_due = False

    @property
    def target_bitrate(self) -> int:
        """The rate of the open encoder, bits a second."""
        return self._rate

    @target_bitrate.setter
    def target_bitrate(self, estimate: int) -> None:
        """What the browser believes it can receive (REMB), bits a second."""
        self._rate_controller.on_remb(estimate, time.monotonic())

    def on_rtt(self, seconds: float) -> None:
        """The time from a report to its answer."""
        self._rate_controller.on_rtt(seconds, time.monotonic())

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        assert isinstance(frame, av.VideoFrame)
        now = time.monotonic()
        rate = self._rate_controller.target_bitrate(full_rate(frame.width, frame.height), now)
        if self._outgrown(frame, rate, now):
            self._source, self._rate, self._opened = (frame.width, frame.height), rate, now
            size = (frame.width, frame.height)
            self.codec = open_vp8(*(size_at(*size, rate) if self._rate_controller.slowed_down else size), rate)
        assert self.codec is not None
        recorder = recorder_of(frame)
        frame = resize_frame(frame, self.codec.width, self.codec.height)
        self._key_frame_due |= force_keyframe or (recorder is not None and recorder.wants_key_frame)
        picture_id = self.picture_id
        payloads, timestamp = super().encode(frame, self._key_frame_due)
        if payloads:
            self._key_frame_due = False
            self._rate_controller.on_sent(8 * sum(map(len, payloads)), now)
            if recorder is not None:
                data = b"".join(map(vpx.vp8_depayload, payloads))
                recorder.add(EncodedPicture(data, timestamp, (frame.width, frame.height), is_key_frame(data)))
        else:  # dropped to hold the rate: the browser would wait for ever for a picture of that number
            self.picture_id = picture_id
        return payloads, timestamp

    def _outgrown(self, frame: av.VideoFrame, rate: int, now: float) -> bool:
        """Whether the open encoder no longer serves: down soon, up in few and large steps."""
        if self.codec is None or self._source != (frame.width, frame.height):
            return True
        age, change = now - self._opened, rate / self._rate
        return (change < 0.8 and age > 0.5) or (change > 1.3 and age > 0.9)


def open_vp8(width: int, height: int, rate: int) -> av.VideoCodecContext:
    """A libvpx encoder for live pictures at `rate` bits a second.

    At the rate at which a picture is sharp: the profile whose prediction is bilinear and which smooths no edges
    between blocks (version 2 in RFC 6386, section 9.1; every decoder knows it), for a sixth less time here and a third
    less in the browser; cpu-used -10, no denoising, and blocks that stay as they were. Far below that rate: the usual
    profile, for there such edges would be seen; a higher quantizer than aiortc's 56, then dropped frames; and key
    frames held to a few times an ordinary one. These keep a slow network from queueing.
    """
    slow = rate < full_rate(width, height) / 2
    codec = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.bit_rate = rate
    codec.gop_size = 3000
    codec.qmin, codec.qmax = 2, 63 if slow else 56
    codec.thread_count = vpx.number_of_threads(width * height, os.cpu_count() or 1)
    codec.options = {
        "deadline": "realtime",
        "profile": "0" if slow else "2",
        "cpu-used": "-12" if slow else "-10",
        "noise-sensitivity": "0",
        "static-thresh": "600",  # squared error of a block of 16x16 that may stay as it was: 1.5 levels, unseen
        "lag-in-frames": "0",
        "partitions": "0",
        "minrate": str(rate),
        "maxrate": str(rate),
        "bufsize": str(rate),
        "undershoot-pct": "100",
        "overshoot-pct": "15",
        "drop-threshold": "30",
        "max-intra-rate": "900" if slow else "0",
    }
    return codec
