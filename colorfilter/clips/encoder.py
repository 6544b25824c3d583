"""The picture's encoder: which one, how it is set, and how it takes frames."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import cv2
from av import Packet, VideoFrame
from av.container import OutputContainer
from av.video.stream import VideoStream

from colorfilter.clips.options import PRESETS, ClipOptions, ContainerError
from colorfilter.clips.pictures import Tags
from colorfilter.frames import PLANAR_BITS, blank_like, planes

ODDEST_RATE = 1000  # frames a second; a stream that claims more knows no rate


@dataclass(frozen=True)
class Encoder:
    """One of FFmpeg's encoders.

    The `codec` in words, its `name`, its default `crf`, the `option` that its speed is set with, that option's value
    for each of PRESETS, `fixed` options, and whether it takes only sizes that its chroma divides.
    """

    codec: str
    name: str
    crf: int
    option: str
    speeds: tuple[str, ...]
    fixed: dict[str, str]
    even: bool

    def options(self, options: ClipOptions) -> dict[str, str]:
        """The encoder's options for a clip's."""
        crf = self.crf if options.crf is None else options.crf
        return {"crf": str(crf), self.option: self.speeds[PRESETS.index(options.preset)]} | self.fixed


# The factors are by eye and by size: what a second encoding takes away does not show at arm's length.
# 10 frames ahead, not 40 as x264's medium has it, spare 200 MB at 1080p.
H264 = Encoder("H.264", "libx264", 20, "preset", PRESETS, {"x264-params": "rc-lookahead=10"}, True)
HEVC = Encoder("H.265", "libx265", 22, "preset", PRESETS, {"x265-params": "log-level=error"}, True)
VPX_SPEEDS = ("0", "1", "2", "4", "5", "5", "6", "7", "8")
VP9 = Encoder("VP9", "libvpx-vp9", 31, "cpu-used", VPX_SPEEDS, {"b": "0", "deadline": "good", "row-mt": "1"}, False)
# VP8 takes the factor only below a bit rate, which is the most that a frame of 4K needs.
VP8 = Encoder("VP8", "libvpx", 10, "cpu-used", VPX_SPEEDS, {"b": "50000000", "deadline": "good"}, False)
AV1 = Encoder("AV1", "libsvtav1", 30, "preset", ("2", "3", "5", "8", "9", "10", "11", "12", "13"), {}, True)


def choose_encoder(kind: str, codec: str, pix_fmt: str) -> Encoder:
    """The encoder for a container (mp4, mov, matroska, webm), the codec that the clip came in and its pixel format.

    8 bits become H.264, which plays everywhere, and in WebM what they were, VP8 or VP9. More bits stay as many.
    """
    bits = PLANAR_BITS[pix_fmt]
    if kind == "webm":
        if bits == 10 and pix_fmt.startswith("yuv420"):
            return AV1
        if bits > 8:
            raise ContainerError(f"WebM holds 4:2:0 with 10 bits or 8 bits, not {pix_fmt}")
        return VP8 if codec == "vp8" and pix_fmt == "yuv420p" else VP9
    if bits == 8 or (bits == 10 and codec == "h264"):
        return H264
    return HEVC


class PictureStream:
    """The picture's stream of the filtered clip. Set up by the first frame, before anything is written."""

    def __init__(self, target: OutputContainer, encoder: Encoder, source: VideoStream, options: ClipOptions) -> None:
        self._target, self._encoder, self._source, self._options = target, encoder, source, options
        self._durations: dict[int, int] = {}
        self._last: int | None = None
        self.stream: VideoStream | None = None

    def set_up(self, first: VideoFrame, tags: Tags, matrix: tuple[int, ...] | None) -> VideoStream:
        """Make the stream for frames like the first."""
        width, height = _even_size(first) if self._encoder.even else (first.width, first.height)
        added: Any = self._target.add_stream(
            self._encoder.name,
            rate=_rate(self._source),
            options=self._encoder.options(self._options),
            width=width,
            height=height,
            pix_fmt=first.format.name,
            time_base=self._source.time_base,
        )
        context = added.codec_context
        context.thread_count, context.thread_type = 0, "FRAME"  # PyAV has slices, which cost size and time
        context.colorspace, context.color_range = tags.matrix, tags.color_range
        context.color_primaries, context.color_trc = tags.primaries, tags.transfer
        if self._source.sample_aspect_ratio:
            context.sample_aspect_ratio = self._source.sample_aspect_ratio
        if self._encoder is HEVC and self._target.format.name in ("mp4", "mov"):
            context.codec_tag = "hvc1"  # without it Apple's players refuse the file
        added.set_display_matrix(matrix)
        self.stream = added
        return self.stream

    def encode(self, frame: VideoFrame | None) -> list[Packet[VideoStream]]:
        """The packets that are ready once the encoder has this frame, or its last ones for None."""
        assert self.stream is not None
        if frame is not None:
            frame = self._fitted(frame)
            if self._last is not None and frame.pts is not None and frame.pts <= self._last:
                frame.pts = self._last + 1  # two frames at one time, as damaged clips have them
            self._last = frame.pts
            self._durations[frame.pts or 0] = frame.duration
        packets = self.stream.encode(frame)
        for packet in packets:
            packet.duration = self._durations.pop(packet.pts or 0, packet.duration)
        return packets

    def _fitted(self, frame: VideoFrame) -> VideoFrame:
        """The frame at the stream's size: an odd last line or column is repeated."""
        assert self.stream is not None
        if (frame.width, frame.height) == (self.stream.width, self.stream.height):
            return frame
        fitted = blank_like(frame, (self.stream.width, self.stream.height))
        for new, old in zip(planes(fitted), planes(frame), strict=True):
            below, right = len(new) - len(old), new.shape[1] - old.shape[1]
            cv2.copyMakeBorder(old, 0, below, 0, right, cv2.BORDER_REPLICATE, dst=new)
        fitted.duration = frame.duration
        return fitted


def _even_size(frame: VideoFrame) -> tuple[int, int]:
    """The size, with what its chroma halves rounded up to even."""
    luma, chroma = planes(frame)[:2]
    width = frame.width + frame.width % 2 if chroma.shape[1] < luma.shape[1] or frame.width == 1 else frame.width
    height = frame.height + frame.height % 2 if len(chroma) < len(luma) or frame.height == 1 else frame.height
    return width, height


def _rate(source: VideoStream) -> Fraction:
    """The frame rate that encoders plan with; time stamps are kept whatever it is."""
    rate = source.average_rate or source.guessed_rate
    return rate.limit_denominator(100_000) if rate and 0 < rate <= ODDEST_RATE else Fraction(30)
