"""A clip's frames and packets in the order of the file, and the second at which it breaks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, cast

import av
from av import Packet, VideoFrame
from av.stream import Stream
from av.video.stream import VideoStream

from colorfilter.clips.options import ClipError, ClipOptions, DamagedError
from colorfilter.clips.source import WITH_LENGTH, Clip

MISSING_S = 0.5  # a clip that ends so much sooner than it says is cut


class Reader:
    """Reads a clip, from `options.start` to `options.end`; what lies outside is left out."""

    def __init__(self, clip: Clip, options: ClipOptions) -> None:
        self.clip, self.options = clip, options
        self.start = clip.begin + Fraction(options.start).limit_denominator(1_000_000) if options.start else None
        self.end = None if options.end is None else clip.begin + Fraction(options.end).limit_denominator(1_000_000)
        self.reached = clip.begin  # the latest end of a packet, in seconds

    def items(self) -> Iterator[VideoFrame | Packet[Stream]]:
        """Decoded frames of the picture, and packets of what is copied. Raises DamagedError unless one salvages."""
        clip = self.clip
        clip.video.codec_context.thread_count = 1  # each more holds pictures, and the encoder is what takes long
        if self.start is not None:
            with contextlib.suppress(av.FFmpegError):  # a pipe, or no index: then all of it is read
                clip.container.seek(int(self.start * 1_000_000))
        try:
            yield from self._demuxed()
        except av.FFmpegError as error:
            self._broken("is damaged", error)
            return
        declared = clip.begin + Fraction(clip.seconds).limit_denominator(1_000_000)
        if self.end is None and clip.kind in WITH_LENGTH and self.reached < declared - Fraction(MISSING_S):
            self._broken(f"should go on to {clip.seconds:.1f} s, but ends")

    def _demuxed(self) -> Iterator[VideoFrame | Packet[Stream]]:
        past: set[int] = set()
        streams = [self.clip.video, *self.clip.copied]
        for packet in self.clip.container.demux(*streams):
            place = packet.pts if packet.pts is not None else packet.dts
            if place is not None:
                self.reached = max(self.reached, (place + (packet.duration or 0)) * packet.time_base)
            if packet.stream is self.clip.video:
                yield from self._decoded(cast(Any, packet))
            elif place is not None and self._inside(place * packet.time_base):
                yield packet
            decoding = packet.dts if packet.dts is not None else place
            if self.end is not None and decoding is not None and decoding * packet.time_base >= self.end:
                past.add(packet.stream_index)
                if len(past) == len(streams) or (packet.stream is self.clip.video and not self.clip.copied):
                    yield from self._decoded(None)
                    return

    def _decoded(self, packet: Packet[VideoStream] | None) -> Iterator[VideoFrame]:
        try:
            frames = self.clip.video.decode(packet)
        except av.EOFError:
            return
        except av.FFmpegError as error:
            self._broken("is damaged", error)
            return
        for frame in frames:
            if frame.is_corrupt:
                self._broken("is damaged")
            if frame.pts is None:
                frame.pts = frame.dts
            if self.clip.video.time_base is not None:
                frame.time_base = self.clip.video.time_base  # PyAV leaves it out of the last frames
            if frame.pts is not None and frame.time_base and self._inside(frame.pts * frame.time_base):
                yield frame

    def _inside(self, time: Fraction) -> bool:
        return (self.start is None or time >= self.start) and (self.end is None or time < self.end)

    def _broken(self, how: str, error: Exception | None = None) -> None:
        if isinstance(error, MemoryError):
            raise error
        if self.clip.piped and self.clip.kind == "mov" and self.reached == self.clip.begin:
            raise ClipError("The index of this clip is at its end, out of a pipe's reach: name the file itself.")
        second = f"{float(self.reached - self.clip.begin):.1f} s"
        if not self.options.salvage:
            raise DamagedError(f"The clip {how} at {second}.")
        self.clip.note(f"The clip {how} at {second}; what could be read is kept.")
