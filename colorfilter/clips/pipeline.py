"""A clip in, the filtered clip out: decode, filter on the planes, encode, mux; nothing goes through RGB."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from fractions import Fraction
from itertools import chain
from typing import TypeAlias

import av
from av import Packet, VideoFrame
from av.container import OutputContainer
from av.stream import Stream

from colorfilter.clips.ahead import ahead
from colorfilter.clips.encoder import PictureStream, choose_encoder
from colorfilter.clips.options import ClipError, ClipOptions, EncodeError, Progress
from colorfilter.clips.pictures import Pictures
from colorfilter.clips.reader import Reader
from colorfilter.clips.report import Report, ignore
from colorfilter.clips.source import Clip, Readable, open_clip
from colorfilter.clips.target import Writable, copy_chapters, copy_streams, keep_metadata, open_target, shifted

WAITING = 1  # frames between two steps; each is 3 MB at 1080p
Item: TypeAlias = "VideoFrame | Packet[Stream]"
# Containers that hold a time stamp below 0, or a beginning after 0, as it is.
WITH_ORIGIN = ("mov", "matroska")


def filter_clip(
    source: Readable, target: Writable, kind: str, options: ClipOptions, tell: Callable[[Progress], None] = ignore
) -> Report:
    """Filter a clip into another, of the container `kind` (mp4, mov, matroska, webm).

    Both are files or pipes. `tell` hears of each frame; what it raises ends the work. Raises ClipError with a sentence,
    OSError from the file system. Whoever calls removes a target that was begun.
    """
    clip = open_clip(source)
    with closing(clip.container):
        try:
            with open_target(target, kind) as written:
                return _Work(clip, written, kind, options).run(tell)
        except av.FFmpegError as error:
            if isinstance(error, OSError | MemoryError):
                raise
            raise EncodeError("This clip cannot be encoded so; another container or preset may do.") from error


class _Work:
    """One clip on its way. The steps run in threads of their own: read and decode, render, encode and write."""

    def __init__(self, clip: Clip, written: OutputContainer, kind: str, options: ClipOptions) -> None:
        self.clip, self.written, self.kind, self.options = clip, written, kind, options
        self.reader = Reader(clip, options)
        begin = Fraction(0) if clip.kind in WITH_ORIGIN else clip.begin
        self.shift = begin if self.reader.start is None else self.reader.start
        self.copies: dict[int, Stream] = {}
        self.frames = 0

    def run(self, tell: Callable[[Progress], None]) -> Report:
        with closing(ahead(self.reader.items(), WAITING)) as read:
            held, first = _up_to_first_frame(read, self.options)
            pictures = Pictures(self.clip, first, self.options.view)
            shown = pictures.render(first)
            picture = self._set_up(pictures, shown)
            with closing(ahead(_rendered(read, pictures), WAITING)) as rendered:
                for item in chain(held, [shown], rendered):
                    if isinstance(item, Packet):
                        self.written.mux(shifted(item, self.shift, self.copies[item.stream_index]))
                        continue
                    seconds = item.time or 0.0
                    self._encode(picture, item)
                    tell(self._progress(seconds))
            self.written.mux(picture.encode(None))
        return Report(self.frames, tuple(self.clip.notes))

    def _set_up(self, pictures: Pictures, shown: VideoFrame) -> PictureStream:
        """Say what the clip is to hold, by its first picture."""
        encoder = choose_encoder(self.kind, self.clip.video.codec_context.name, shown.format.name)
        picture = PictureStream(self.written, encoder, self.clip.video, self.options)
        stream = picture.set_up(shown, pictures.tags, pictures.kept_matrix())
        if (stream.width, stream.height) != (shown.width, shown.height):
            self.clip.note(f"{encoder.codec} has even sizes only: the last line or column is there twice.")
        keep_metadata(self.clip.video, stream)
        self.copies = copy_streams(self.clip, self.written, self.kind)
        copy_chapters(self.clip, self.written, self.shift, self.reader.end)
        return picture

    def _encode(self, picture: PictureStream, frame: VideoFrame) -> None:
        self.frames += 1
        if frame.pts is not None and frame.time_base:
            frame.pts -= round(self.shift / frame.time_base)
        self.written.mux(picture.encode(frame))

    def _progress(self, seconds: float) -> Progress:
        begin = float(self.reader.start or self.clip.begin)
        end = float(self.clip.begin) + self.clip.seconds if self.reader.end is None else float(self.reader.end)
        length = max(0.0, end - begin) if self.clip.seconds else 0.0
        share = length / self.clip.seconds if self.clip.seconds else 0.0
        return Progress(self.frames, seconds - begin, round(share * self.clip.frames), length)


def _up_to_first_frame(read: Iterator[Item], options: ClipOptions) -> tuple[list[Packet[Stream]], VideoFrame]:
    """The first frame, and the packets before it."""
    held: list[Packet[Stream]] = []
    for item in read:
        if isinstance(item, VideoFrame):
            return held, item
        held.append(item)
    if options.start or options.end is not None:
        raise ClipError("The clip has no picture between these seconds.")
    raise ClipError("There is no picture in this clip that can be decoded.")


def _rendered(read: Generator[Item, None, None], pictures: Pictures) -> Iterator[Item]:
    """The items, with the frames rendered."""
    with closing(read):
        for item in read:
            yield pictures.render(item) if isinstance(item, VideoFrame) else item
