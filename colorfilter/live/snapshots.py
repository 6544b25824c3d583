"""One viewer's snapshots: the last frames that were kept, as frames until somebody wants to see or to have them."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from functools import cached_property

from av import VideoFrame

from colorfilter.frames import resize_frame, to_rgb
from colorfilter.stills.photo import encode_for_screen
from colorfilter.stills.png import write_png

MOST = 6
THUMBNAIL_WIDTH = 320


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
        height = max(1, round(self.frame.height * THUMBNAIL_WIDTH / self.frame.width))
        return encode_for_screen(to_rgb(resize_frame(self.frame, THUMBNAIL_WIDTH, height)))

    def png(self) -> bytes:
        """The whole picture as PNG."""
        return write_png(to_rgb(self.frame))


class Snapshots:
    """The newest snapshots of one viewer, at most MOST, in `all`, newest first."""

    def __init__(self) -> None:
        self.all: list[Snapshot] = []
        self._taken = 0

    def take(self, frame: VideoFrame) -> None:
        """Keep a frame, which nobody may change from now on, and let go of the oldest if it is one too many."""
        self._taken += 1
        self.all = [Snapshot(self._taken, frame), *self.all][:MOST]

    def delete(self, number: int) -> None:
        """Let go of the snapshot of that number, if it is still there."""
        self.all = [snapshot for snapshot in self.all if snapshot.number != number]

    def zip(self) -> bytes:
        """All of them in one ZIP file, as they are: PNG does not get smaller."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for snapshot in self.all:
                archive.writestr(snapshot.name, snapshot.png())
        return file.getvalue()
