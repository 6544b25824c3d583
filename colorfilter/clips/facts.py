"""What a visitor's clip says of itself, told before its frames are decoded, and the limits on it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath

from colorfilter.clips.animation import BROKEN, KINDS, animated_kind, duration_ms, open_animation
from colorfilter.clips.options import ClipError, DamagedError
from colorfilter.clips.source import HEAD_BYTES, SUFFIXES, open_clip, suffix_of
from colorfilter.clips.target import CONTAINERS
from colorfilter.host.settings import Settings

MEGA = 1_000_000
PLAYED = "mp4"  # the container of what came in one that few browsers play


@dataclass(frozen=True)
class ClipLimits:
    """The most that a visitor's clip may have: bytes, seconds, and pixels of a frame."""

    bytes: int
    seconds: float
    pixels: int


@dataclass(frozen=True)
class ClipFacts:
    """What a clip says of itself, and the `kind` that it is written in: mp4, matroska, webm, gif or webp.

    Frames and seconds are 0 where it does not say.
    """

    width: int
    height: int
    seconds: float
    frames: int
    kind: str


def clip_limits(chosen: Settings) -> ClipLimits:
    """What the settings allow."""
    return ClipLimits(
        round(chosen.max_clip_mb * MEGA), chosen.max_clip_seconds, round(chosen.max_clip_megapixels * MEGA)
    )


def may_be_clip(name: str, data: bytes) -> bool:
    """Whether a file's first bytes or its name are those of a clip. A GIF or WebP may be one: `inspect_clip` knows."""
    head = data[:HEAD_BYTES]
    return _is_gif_or_webp(head) or suffix_of(head) is not None or PurePath(name).suffix.lower() in SUFFIXES


def _is_gif_or_webp(head: bytes) -> bool:
    return head.startswith(b"GIF8") or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def inspect_clip(data: bytes, limits: ClipLimits) -> ClipFacts | None:
    """What is known before frames are decoded; None for a GIF or WebP that does not move, which is a picture.

    Raises ClipError for what cannot be read, or is above the limits.
    """
    if kind := animated_kind(BytesIO(data)):
        return _animation(data, kind, limits)
    if _is_gif_or_webp(data):
        return None
    clip = open_clip(BytesIO(data))
    with closing(clip.container):
        width, height = clip.video.width, clip.video.height
        check_size(width, height, limits)
        check_seconds(clip.seconds, limits)
        return ClipFacts(width, height, clip.seconds, clip.frames, _kind(data))


def _animation(data: bytes, kind: str, limits: ClipLimits) -> ClipFacts:
    """A GIF's and WebP's length is the sum of its frames'."""
    milliseconds, count = 0, 0
    with open_animation(BytesIO(data)) as image:
        check_size(image.width, image.height, limits)
        for count in range(1, getattr(image, "n_frames", 1) + 1):
            try:
                image.seek(count - 1)
                if kind == KINDS[".webp"]:
                    image.load()  # which tells the frame's duration
            except BROKEN:
                if count == 1:
                    raise DamagedError("The clip is damaged at its beginning.") from None
                break
            check_size(image.width, image.height, limits)
            milliseconds += duration_ms(image)
            check_seconds(milliseconds / 1000, limits)
        return ClipFacts(image.width, image.height, milliseconds / 1000, count, kind)


def _kind(data: bytes) -> str:
    kind = CONTAINERS.get(suffix_of(data[:HEAD_BYTES]) or "", PLAYED)
    return PLAYED if kind == "mov" else kind


def check_size(width: int, height: int, limits: ClipLimits) -> None:
    """Raise ClipError for frames of too many pixels."""
    if width * height > limits.pixels:
        most = limits.pixels / MEGA
        raise ClipError(f"The clip has {width} x {height} pixels a frame; the limit is {most:.1f} megapixels.")


def check_bytes(count: int, limits: ClipLimits) -> None:
    """Raise ClipError for a file that is too large."""
    if count > limits.bytes:
        raise ClipError(f"The clip has {count / MEGA:.1f} MB; the limit is {limits.bytes / MEGA:.0f} MB.")


def check_seconds(seconds: float, limits: ClipLimits) -> None:
    """Raise ClipError for a clip that is too long."""
    if seconds > limits.seconds:
        raise ClipError(f"The clip is {seconds:.0f} s long or more; the limit is {limits.seconds:.0f} s.")
