"""A visitor's clip: what of it is seen at once, and its making, as a job beside the server."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from av import VideoFrame

from colorfilter.clips.options import ClipError, ClipOptions, Progress
from colorfilter.clips.pictures import Pictures
from colorfilter.clips.pipeline import filter_clip
from colorfilter.clips.reader import Reader
from colorfilter.clips.report import Report
from colorfilter.clips.source import Clip, open_clip
from colorfilter.frames import to_rgb
from colorfilter.host.jobs import Jobs, Limits
from colorfilter.host.settings import Settings, settings
from colorfilter.stills.png import write_png
from colorfilter.views.options import ViewOptions

TELL_EVERY_S = 0.25
MEGA = 1_000_000


@dataclass(frozen=True)
class ClipLimits:
    """The most that a visitor's clip may have: seconds, and pixels of a frame."""

    seconds: float
    pixels: int


@dataclass(frozen=True)
class ClipFacts:
    """What a clip says of itself. Frames and seconds are 0 where it does not say."""

    width: int
    height: int
    seconds: float
    frames: int
    kind: str


def clip_limits(chosen: Settings) -> ClipLimits:
    """What the settings allow."""
    return ClipLimits(chosen.max_clip_seconds, round(chosen.max_clip_megapixels * MEGA))


@functools.cache
def clip_jobs() -> Jobs:
    """This server's clips. `clip_jobs().submit(visitor, make_clip, ...)` makes one."""
    chosen = settings()
    memory = round(chosen.clip_memory_mb * MEGA)
    return Jobs(Limits(chosen.max_clips, chosen.max_clips_waiting, 1, chosen.clip_seconds, memory))


def inspect_clip(path: Path, limits: ClipLimits) -> ClipFacts:
    """What is known before a frame is decoded. Raises ClipError for a clip above the limits."""
    clip = open_clip(path)
    with closing(clip.container):
        return _facts(clip, limits)


def preview(path: Path, second: float, view: ViewOptions) -> bytes:
    """The frame of that second in the view, as PNG. Raises ClipError with a sentence."""
    clip = open_clip(path)
    with closing(clip.container):
        options = ClipOptions(view, start=max(0.0, second), salvage=True)
        for item in Reader(clip, options).items():
            if isinstance(item, VideoFrame):
                return write_png(to_rgb(Pictures(clip, item, view).render(item)))
    raise ClipError("The clip has no picture at this second.")


def make_clip(
    tell: Callable[[Progress], None], source: Path, target: Path, kind: str, options: ClipOptions, limits: ClipLimits
) -> Report:
    """Filter the clip, and tell how far it is a few times a second. Raises ClipError with a sentence."""
    inspect_clip(source, limits)
    told = 0.0

    def tell_at_times(progress: Progress) -> None:
        nonlocal told
        if progress.seconds > limits.seconds + 1:
            raise ClipError(_too_long(progress.seconds, limits))
        if time.monotonic() - told > TELL_EVERY_S:
            told = time.monotonic()
            tell(progress)

    return filter_clip(source, target, kind, options, tell_at_times)


def _facts(clip: Clip, limits: ClipLimits) -> ClipFacts:
    width, height = clip.video.width, clip.video.height
    if width * height > limits.pixels:
        raise ClipError(
            f"The clip has {width} x {height} pixels a frame; the limit is {limits.pixels / 1e6:.1f} megapixels."
        )
    if clip.seconds > limits.seconds:
        raise ClipError(_too_long(clip.seconds, limits))
    return ClipFacts(width, height, clip.seconds, clip.frames, clip.kind)


def _too_long(seconds: float, limits: ClipLimits) -> str:
    return f"The clip is {seconds:.0f} s long or more; the limit is {limits.seconds:.0f} s."
