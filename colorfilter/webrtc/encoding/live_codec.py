"""An open VP8 encoder for live pictures: libvpx itself, or through PyAV where that cannot be."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import aiortc.codecs  # noqa: F401  (vpx alone would import in a circle)
import av
from aiortc.codecs import vpx

from colorfilter.host.logs import warn_once
from colorfilter.host.process import available_cores
from colorfilter.webrtc.encoding.bit_budget import MAX_QUANTIZER, MIN_QUANTIZER, BitBudget
from colorfilter.webrtc.encoding.effort import Effort, EffortControl
from colorfilter.webrtc.encoding.libvpx import CLOCK_RATE, Vp8Codec, Vp8Settings
from colorfilter.webrtc.encoding.libvpx_abi import LibvpxUnavailableError
from colorfilter.webrtc.encoding.resolution import FRAME_RATE, full_rate
from colorfilter.webrtc.encoding.scene_cut import SceneCutDetector

STATIC_THRESHOLD = 600  # squared error of a block of 16x16 that may stay as it was: 1.5 levels, unseen
# Profile 1 (RFC 6386, section 9.1) predicts bilinearly and has the simple loop filter. On the bench's clip at 480p it
# is 1 dB better than profile 2 in the same time. From speed 7 on libvpx loses a scene that pans after a cut: each frame
# predicts the next one so badly that it stays coarse at half the full rate, 8 dB below speed 6, for a tenth less time.
# A small buffer follows the content more closely. libvpx drops nothing: BitBudget does, and less.
# The first key frame may take half the initial buffer, or what max_intra_percent says if that is less. libvpx expects
# most scenes' to be about twice as large as it becomes; with 300 ms the first second is 0.4 to 1.2 dB coarser.
SETTINGS = Vp8Settings(
    profile=1,
    cpu_used=-6,
    min_quantizer=MIN_QUANTIZER,  # its floor moves between the two
    max_quantizer=MAX_QUANTIZER,
    drop_threshold=0,
    static_threshold=STATIC_THRESHOLD,
    buffer_ms=600,
    initial_buffer_ms=500,
    optimal_buffer_ms=300,
    max_intra_percent=400,
)
# At half the full rate speed 4 is 0.1 to 1.2 dB better than speed 6 for 1.6 to 2.1 times the time, which is stock's: it
# tries every strength of the loop filter. With that, profile 0, which predicts smoothly and has the normal loop filter,
# is the best of a coarse picture's; at speed 6 it loses 1 dB where a scene pans.
THOROUGH_PROFILE, THOROUGH_CPU_USED = 0, -4
# A key frame is coarse, and so is what is predicted from it at first. Profile 0 makes that second 0.6 dB better in the
# mean of the bench's scenes at any speed; from then on it would be worse at speed 6.
KEY_FRAME_PROFILE_FRAMES = 15
MIN_INTERVAL_S, MAX_INTERVAL_S = 0.01, 0.25  # between frames
INTERVAL_SMOOTHING = 1 / 8


class LiveCodec(Protocol):
    """An open encoder for pictures of one size."""

    width: int
    height: int

    def set_bitrate(self, bitrate: int, now: float) -> None:
        """Encode at `bitrate` bits a second from now on; `now` is in seconds on any steady clock."""

    def encode(self, frame: av.VideoFrame, force_key_frame: bool, now: float) -> bytes:
        """The frame as a VP8 picture, or b"" if it is left out to hold the rate."""

    def close(self) -> None:
        """Free the encoder's memory."""


def open_codec(width: int, height: int, bitrate: int, now: float) -> LiveCodec:
    """A codec for pictures of `width` x `height` pixels at `bitrate` bits a second."""
    try:
        return LibvpxCodec(width, height, bitrate)
    except LibvpxUnavailableError as error:
        warn_once(f"{error} Each large change of the bit rate starts a new encoder, through PyAV.")
        return PyAvCodec(width, height, bitrate, now)


class LibvpxCodec:
    """libvpx, whose rate changes with any frame; a hard scene after a still one gets coarse and drops nothing."""

    def __init__(
        self,
        width: int,
        height: int,
        bitrate: int,
        settings: Vp8Settings = SETTINGS,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`clock` says how long a picture takes, in seconds.

        Raises LibvpxUnavailableError, and LibvpxError for a size that VP8 does not have.
        """
        self.width, self.height = width, height
        self._codec = Vp8Codec(width, height, bitrate, settings, _threads(width, height))
        self._settings, self._since_key_frame = settings, -1
        self._effort, self._clock = EffortControl(), clock
        self._budget = BitBudget()
        self._detector = SceneCutDetector()
        self._after_cut = False
        self._interval, self._last = 1 / FRAME_RATE, float("-inf")
        self._pts = 0

    def set_bitrate(self, bitrate: int, now: float) -> None:
        self._codec.set_bitrate(bitrate)

    def encode(self, frame: av.VideoFrame, force_key_frame: bool, now: float) -> bytes:
        self._measure_interval(now)
        self._after_cut |= self._detector.is_cut(frame)
        if not self._budget.admit(self._codec.bitrate, now):
            return b""
        if self._after_cut:
            self._budget.on_scene_cut()
            self._after_cut = False
        self._codec.set_min_quantizer(self._budget.min_quantizer)
        self._choose_effort(force_key_frame)
        # libvpx gives a frame that comes after a gap a larger share. The time of a frame that was left out must not
        # count, or that share is spent again.
        self._pts += round(self._interval * CLOCK_RATE)
        start = self._clock()
        data = self._codec.encode(frame, self._pts, force_key_frame)
        self._effort.on_encoded(self._clock() - start)
        self._budget.on_encoded(8 * len(data), self._codec.last_quantizer, self._codec.bitrate)
        return data

    def close(self) -> None:
        self._codec.close()

    def _choose_effort(self, is_key_frame: bool) -> None:
        self._since_key_frame = 0 if is_key_frame else self._since_key_frame + 1
        share = self._codec.bitrate / full_rate(self.width, self.height)
        thorough = self._effort.choose(share, self._interval) is Effort.THOROUGH
        self._codec.set_cpu_used(THOROUGH_CPU_USED if thorough else self._settings.cpu_used)
        smooth = thorough or self._since_key_frame < KEY_FRAME_PROFILE_FRAMES
        self._codec.set_profile(THOROUGH_PROFILE if smooth else self._settings.profile)

    def _measure_interval(self, now: float) -> None:
        interval = now - self._last
        if interval <= MAX_INTERVAL_S:
            self._interval += (max(MIN_INTERVAL_S, interval) - self._interval) * INTERVAL_SMOOTHING
        self._last = now


class PyAvCodec:
    """libvpx through PyAV, which needs a new encoder, thus a key frame, for a new rate: down soon, up in few steps."""

    def __init__(self, width: int, height: int, bitrate: int, now: float) -> None:
        self.width, self.height = width, height
        self._open(bitrate, now)

    def set_bitrate(self, bitrate: int, now: float) -> None:
        age, change = now - self._opened, bitrate / self._bitrate
        if (change < 0.8 and age > 0.5) or (change > 1.3 and age > 0.9):
            self._open(bitrate, now)

    def encode(self, frame: av.VideoFrame, force_key_frame: bool, now: float) -> bytes:
        kinds = av.video.frame.PictureType
        frame.pict_type = kinds.I if force_key_frame else kinds.NONE
        return b"".join(bytes(packet) for packet in self._codec.encode(frame))

    def close(self) -> None:
        """Nothing: PyAV frees the encoder with the object."""

    def _open(self, bitrate: int, now: float) -> None:
        self._codec = open_vp8(self.width, self.height, bitrate)
        self._bitrate, self._opened = bitrate, now


def open_vp8(width: int, height: int, rate: int) -> av.VideoCodecContext:
    """PyAV's libvpx encoder for live pictures at `rate` bits a second.

    At the rate at which a picture is sharp: the profile whose prediction is bilinear and which smooths no edges
    between blocks (version 2 in RFC 6386, section 9.1; every decoder knows it), for a sixth less time here and a third
    less in the browser; no denoising, and blocks that stay as they were. Far below that rate: the usual
    profile, for there such edges would be seen; a higher quantizer than aiortc's 56, then dropped frames; and key
    frames held to a few times an ordinary one. These keep a slow network from queueing.
    """
    slow = rate < full_rate(width, height) / 2
    codec = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.bit_rate = rate
    codec.gop_size = 3000
    codec.qmin, codec.qmax = 2, 63 if slow else 56
    codec.thread_count = _threads(width, height)
    codec.options = {
        "deadline": "realtime",
        "profile": "0" if slow else "2",
        "cpu-used": str(SETTINGS.cpu_used),
        "noise-sensitivity": "0",
        "static-thresh": str(STATIC_THRESHOLD),
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


def _threads(width: int, height: int) -> int:
    return vpx.number_of_threads(width * height, int(available_cores()))
