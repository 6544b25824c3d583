"""What is said of a clip while it is made, and after."""

from __future__ import annotations

from dataclasses import dataclass

from colorfilter.clips.options import Progress


@dataclass(frozen=True)
class Report:
    """What became of a clip: its frames, and sentences for what a person would not expect."""

    frames: int
    notes: tuple[str, ...]


def ignore(progress: Progress) -> None:
    """Tell nobody how far a clip has come."""
