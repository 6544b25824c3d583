"""One viewer's snapshots. They stay frames until they are shown or downloaded."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from functools import cached_property

from av import VideoFrame

from colorfilter.frames import resize_frame, to_rgb
from colorfilter.stills.photo import encode_for_screen
from colorfilter.stills.png import write_png

MAX_SNAPSHOTS = 6
THUMBNAIL_WIDTH, SCREEN_WIDTH = 320, 1280


@dataclass(frozen=True)
class Snapshot:
    """A yuv420p frame as its viewer saw it, and its number, counted from 1 in each viewer's session."""

    number: int
    frame: VideoFrame

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"snapshot-{self.number}.png"

    @property
    def size(self) -> str:
        """Width and height in pixels, in words."""
        return f"{self.frame.width} × {self.frame.height}"

    @cached_property
    def thumbnail(self) -> bytes:
        """A small JPEG for the screen."""
        return self._jpeg(THUMBNAIL_WIDTH)

    @cached_property
    def large(self) -> bytes:
        """A JPEG as large as the stage."""
        return self._jpeg(min(self.frame.width, SCREEN_WIDTH))

    def _jpeg(self, width: int) -> bytes:
        height = max(1, round(self.frame.height * width / self.frame.width))
        return encode_for_screen(to_rgb(resize_frame(self.frame, width, height)))

    def png(self) -> bytes:
        """The whole picture as PNG."""
        return write_png(to_rgb(self.frame))


class Snapshots:
    """The newest snapshots of one viewer, at most MAX_SNAPSHOTS, in `all`, newest first."""

    def __init__(self) -> None:
        self.all: list[Snapshot] = []
        self._taken = 0

    @property
    def held_bytes(self) -> int:
        """The memory that they take: 3 bytes for 2 pixels of yuv420p."""
        return sum(shot.frame.width * shot.frame.height * 3 // 2 for shot in self.all)

    def take(self, frame: VideoFrame) -> None:
        """Keep a frame, which must not be changed any more. The oldest one goes if there are too many."""
        self._taken += 1
        self.all = [Snapshot(self._taken, frame), *self.all][:MAX_SNAPSHOTS]

    def delete(self, number: int) -> None:
        """Let go of the snapshot of that number, if it is still there."""
        self.all = [snapshot for snapshot in self.all if snapshot.number != number]

    def zip(self) -> bytes:
        """All of them in one ZIP file, without compression, since PNG does not get smaller."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for snapshot in self.all:
                archive.writestr(snapshot.name, snapshot.png())
        return file.getvalue()
