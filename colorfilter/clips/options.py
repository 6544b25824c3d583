"""What is made of a clip, as plain data, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass, field

from colorfilter.views.options import ViewOptions

# Slow to fast as x264 names them. What they are to each other encoder is in `encoder.py`.
PRESETS = ("veryslow", "slower", "slow", "medium", "fast", "faster", "veryfast", "superfast", "ultrafast")


class ClipError(ValueError):
    """A clip cannot be filtered. The message is a sentence for people."""


class DamagedError(ClipError):
    """The clip cannot be read to its end; the message says at which second that is."""


class EncodeError(ClipError):
    """The encoder refuses the clip."""


class ContainerError(ClipError):
    """The container cannot hold what is in the clip: `what`, and on the command line the way out."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: name an .mkv with -o.")
        self.what = what


@dataclass(frozen=True)
class ClipOptions:
    """How a clip is filtered.

    `start` and `end` are seconds since the clip's beginning. `crf` is the encoder's constant rate factor, None for its
    default here, and `preset` one of PRESETS. With `salvage` what can be read of a damaged clip is kept.
    """

    view: ViewOptions = field(default_factory=lambda: ViewOptions(mirror=False))
    start: float = 0.0
    end: float | None = None
    crf: int | None = None
    preset: str = "medium"
    salvage: bool = False

    def __post_init__(self) -> None:
        if self.start < 0 or (self.end is not None and self.end <= self.start):
            raise ValueError("A clip is kept from a second of 0 or more to a later one.")
        if self.crf is not None and not 0 <= self.crf <= 63:
            raise ValueError(f"A constant rate factor lies between 0 and 63, not at {self.crf}.")
        if self.preset not in PRESETS:
            raise ValueError(f"There is no preset {self.preset!r}: take one of {', '.join(PRESETS)}.")


@dataclass(frozen=True)
class Progress:
    """How far a clip has come: frames and seconds done; both in all as far as they are known, else 0."""

    frames: int
    seconds: float
    all_frames: int
    all_seconds: float
