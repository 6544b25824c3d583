"""The making of a visitor's clip, as a job beside the server, in memory alone."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from colorfilter.clips.animation import KINDS, filter_animation
from colorfilter.clips.facts import MEGA, ClipLimits, check_bytes, check_seconds, inspect_clip
from colorfilter.clips.options import ClipError, ClipOptions, ContainerError, EncodeError, Progress
from colorfilter.clips.pipeline import filter_clip
from colorfilter.host.jobs import Jobs, Limits
from colorfilter.host.settings import settings

TELL_EVERY_S = 0.25
MAX_GROWTH = 4  # times what a clip may have, which what is made of one may have


@dataclass(frozen=True)
class MadeClip:
    """The filtered clip: its file, and sentences for what a person would not expect."""

    data: bytes
    frames: int
    notes: tuple[str, ...]


@functools.cache
def clip_jobs() -> Jobs:
    """This server's clips. `clip_jobs().submit(visitor, make_clip, ...)` makes one."""
    chosen = settings()
    memory = round(chosen.clip_memory_mb * MEGA)
    return Jobs(Limits(chosen.max_clips, chosen.max_clips_waiting, 1, chosen.clip_seconds, memory))


def make_clip(
    tell: Callable[[Progress], None], data: bytes, kind: str, options: ClipOptions, limits: ClipLimits
) -> MadeClip:
    """Filter the clip into the container `kind` of its ClipFacts, and tell how far it is a few times a second.

    Raises ClipError with a sentence.
    """
    check_bytes(len(data), limits)
    inspect_clip(data, limits)
    told = 0.0

    def tell_at_times(progress: Progress) -> None:
        nonlocal told
        check_seconds(progress.seconds - 1, limits)
        if time.monotonic() - told > TELL_EVERY_S:
            told = time.monotonic()
            tell(progress)

    target = BytesIO()
    make = filter_animation if kind in KINDS.values() else filter_clip
    try:
        report = make(BytesIO(data), target, kind, options, tell_at_times)
    except ContainerError as error:
        raise ClipError(f"{error.what}.") from None
    except EncodeError:
        raise ClipError("This clip cannot be encoded.") from None
    if target.tell() > MAX_GROWTH * limits.bytes:
        raise ClipError("The filtered clip would be too large. Keep a shorter part of it.")
    return MadeClip(target.getvalue(), report.frames, report.notes)
