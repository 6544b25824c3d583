"""The filtered clip that is written: its container, the streams that are copied into it, and what of the rest stays."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import av
from av import Packet
from av.container import OutputContainer
from av.stream import AttachmentStream, Stream

from colorfilter.clips.options import ContainerError
from colorfilter.clips.source import Clip

# The container of each suffix, by FFmpeg's name.
CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
NAMES = {"mp4": "MP4", "mov": "MOV", "matroska": "Matroska", "webm": "WebM"}
# For a file, the index goes to the front, so that browsers can play before all is there. A pipe cannot be rewound.
FILE_OPTIONS = {"movflags": "+faststart"}
PIPE_OPTIONS = {"movflags": "+frag_keyframe+delay_moov+default_base_moof"}
# Of a stream's or a chapter's metadata. Everything else goes: places, cameras, dates, people and programs.
KEPT_METADATA = ("language", "title")
Writable = Path | IO[bytes]


def open_target(target: Writable, kind: str) -> OutputContainer:
    """An empty clip of a container, on a file, in memory or on a pipe."""
    movie = kind in ("mp4", "mov")
    if isinstance(target, BytesIO):
        # To move the index to the front FFmpeg reads what it has written, at another place than it writes.
        options = FILE_OPTIONS if movie else {}
        return av.open(
            target, "w", format=kind, container_options=options, io_open=lambda *asked: BytesIO(target.getvalue())
        )
    if isinstance(target, Path):
        return av.open(f"file:{target}", "w", format=kind, container_options=FILE_OPTIONS if movie else {})
    return av.open(target, "w", format=kind, container_options=PIPE_OPTIONS if movie else {})


def copy_streams(clip: Clip, target: OutputContainer, kind: str) -> dict[int, Stream]:
    """Add what is copied, sound and subtitles, and the fonts of these. The new streams by the old ones' numbers."""
    copies = {}
    for stream in clip.copied:
        try:
            copy = target.add_stream_from_template(stream, opaque=True)
        except (ValueError, av.FFmpegError):
            what = "sound" if stream.type == "audio" else "subtitles"
            name = getattr(stream.codec_context, "name", None) or "of an unknown codec"
            raise ContainerError(f"{NAMES[kind]} cannot hold this clip's {what} ({name})") from None
        keep_metadata(stream, copy)
        copies[stream.index] = copy
    for stream in clip.container.streams:
        if isinstance(stream, AttachmentStream) and "font" in (stream.mimetype or "") and kind == "matroska":
            target.add_attachment(stream.name or "font", stream.mimetype or "", stream.data)
    return copies


def keep_metadata(stream: Stream, copy: Stream) -> None:
    """Take over the language, the title and what the stream is for."""
    copy.metadata.update({name: stream.metadata[name] for name in KEPT_METADATA if name in stream.metadata})
    copy.disposition = stream.disposition


def copy_chapters(clip: Clip, target: OutputContainer, start: Fraction, end: Fraction | None) -> None:
    """Take over the chapters' titles and times, less what lies before `start` and after `end`, in time stamps."""
    chapters: list[Any] = []
    for chapter in clip.container.chapters():
        base = chapter["time_base"] or Fraction(1, 1000)
        first, last = max(chapter["start"] * base, start), chapter["end"] * base
        last = last if end is None else min(last, end)
        if last > first:
            kept = {name: text for name, text in chapter["metadata"].items() if name in KEPT_METADATA}
            times = {"start": round((first - start) / base), "end": round((last - start) / base)}
            chapters.append({"id": chapter["id"], "time_base": base, "metadata": kept, **times})
    target.set_chapters(chapters)


def shifted(packet: Packet[Stream], shift: Fraction, stream: Stream) -> Packet[Stream]:
    """The packet for another stream, that many seconds earlier."""
    ticks = round(shift / packet.time_base)
    if packet.pts is not None:
        packet.pts -= ticks
    if packet.dts is not None:
        packet.dts -= ticks
    packet.stream = stream
    return packet
