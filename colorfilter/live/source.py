"""Where a live picture comes from, and at which resolution."""

from __future__ import annotations

from dataclasses import dataclass

CAMERA, CARD = INPUTS = ("camera", "test card")
RESOLUTIONS = {"480p": (640, 480), "720p": (1280, 720), "1080p": (1920, 1080)}  # width and height in pixels


@dataclass(frozen=True)
class Source:
    """One of INPUTS, and the name of one of RESOLUTIONS."""

    input: str = CAMERA
    resolution: str = "720p"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return RESOLUTIONS[self.resolution]
