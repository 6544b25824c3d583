"""A clip that is read: its streams, what it says of itself, and what of it cannot be filtered."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import av
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from colorfilter.clips.options import ClipError
from colorfilter.stills.heif import heif_kind

# No playlist or script among them: those name other files, and whoever sent the clip would choose which.
FORMATS = "mov,matroska,webm,avi,mpegts,mpeg,flv,ogg,asf,ivf,mxf,rm,yuv4mpegpipe"
READ_OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "file,pipe,fd"}
SUFFIXES = {
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".wmv", ".flv"),
    *(".3gp", ".3g2", ".ogv", ".mxf"),
}
COPIED = ("audio", "subtitle")
# Those of them that tell at their beginning how long they are.
WITH_LENGTH = ("mov", "matroska", "avi")
Readable = Path | IO[bytes]


@dataclass
class Clip:
    """An open clip: the picture's stream and those that are copied.

    `begin` is the time stamp at which it begins, in seconds, and `seconds` how long it is; 0 if that is not known.
    What is `piped` cannot be read twice.
    """

    container: InputContainer
    video: VideoStream
    copied: list[Stream]
    begin: Fraction
    seconds: float
    piped: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def frames(self) -> int:
        """How many frames there are, about; 0 if that is not known."""
        rate = self.video.average_rate
        return self.video.frames or (round(self.seconds * rate) if rate else 0)

    @property
    def kind(self) -> str:
        """The container, by the first of FFmpeg's names for it."""
        return self.container.format.name.split(",")[0]

    def note(self, sentence: str) -> None:
        """Keep a sentence for whoever wants the clip, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)


def open_clip(source: Readable) -> Clip:
    """Open a clip. Raises ClipError with a sentence for what is none, OSError from the file system."""
    if isinstance(source, Path):
        with source.open("rb"):  # FFmpeg's own words for a file that is not there name no reason
            pass
    try:
        # "file:" because FFmpeg takes what stands before a colon for a protocol
        file: Any = f"file:{source}" if isinstance(source, Path) else source
        container = av.open(file, "r", container_options=READ_OPTIONS, metadata_errors="replace")
    except (av.FFmpegError, ValueError, UnicodeError):
        raise ClipError("This is no video file that can be read, or its beginning is damaged.") from None
    try:
        return _clip(container, piped=not isinstance(source, Path) and not source.seekable())
    except BaseException:
        container.close()
        raise


def _clip(container: InputContainer, piped: bool) -> Clip:
    pictures = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not pictures:
        raise ClipError("This file has no moving picture, only sound.")
    video = pictures[0]
    if video.codec_context is None:
        raise ClipError("There is no decoder for this clip's picture.")
    copied = [stream for stream in container.streams if stream.type in COPIED]
    begin = Fraction(container.start_time or 0, 1_000_000)
    clip = Clip(container, video, copied, begin, (container.duration or 0) / 1e6, piped)
    if len(pictures) > 1:
        clip.note("Only the first of its moving pictures is kept.")
    if video.metadata.get("alpha_mode") == "1":
        raise ClipError("This clip is transparent in part, which cannot be kept.")
    return clip


HEAD_BYTES = 512  # of a file, by which its kind is known


def suffix_of(head: bytes) -> str | None:
    """The suffix that a clip of these first bytes has, None if they begin no clip."""
    if head[4:8] == b"ftyp":  # ISO/IEC 14496-12, 4.3
        return None if heif_kind(head) else ".mov" if head[8:12] == b"qt  " else ".mp4"
    if head[:4] == b"\x1aE\xdf\xa3":  # EBML, RFC 8794
        return ".webm" if b"webm" in head else ".mkv"
    if head[:1] == head[188:189] == b"G":  # MPEG-TS, ISO/IEC 13818-1, 2.4.3.2
        return ".ts"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return ".avi"
    return {b"FLV\x01": ".flv", b"OggS": ".ogv"}.get(head[:4])
