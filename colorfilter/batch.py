"""Picture and clip files to filtered ones: which becomes which, and never half of one on the disk."""

from __future__ import annotations

import re
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from colorfilter.catalog import FILTERS
from colorfilter.clips.animation import KINDS as ANIMATIONS
from colorfilter.clips.animation import filter_animation, is_animated
from colorfilter.clips.options import ClipError, ClipOptions, DamagedError, Progress
from colorfilter.clips.pipeline import filter_clip
from colorfilter.clips.report import ignore
from colorfilter.clips.source import HEAD_BYTES, suffix_of
from colorfilter.clips.source import SUFFIXES as CLIP_SUFFIXES
from colorfilter.clips.target import CONTAINERS
from colorfilter.stills.decode import MAX_BYTES, PictureError
from colorfilter.stills.heif import HEIF_SUFFIXES
from colorfilter.stills.pipeline import render_still

STANDARD = Path("-")  # stdin as a source, stdout as a target
PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".tif", ".tiff", ".gif", *HEIF_SUFFIXES}
SUFFIXES = PICTURE_SUFFIXES | CLIP_SUFFIXES
WRITTEN = {".png", *CONTAINERS, *ANIMATIONS}
FILTERED = re.compile(rf"(.+?)-(?:{'|'.join(FILTERS)}|all|[0-9a-f]{{6}})({'|'.join(re.escape(s) for s in WRITTEN)})")
STILL = "png"  # the kind of what is no clip


class FileError(Exception):
    """What a person can read about a file that could not be filtered: one sentence that names it."""


@dataclass(frozen=True)
class Task:
    """A picture or a clip to filter: `source` is a file or STANDARD, and so is `target`.

    `kind` is STILL, or for a clip the container that it is written in.
    """

    source: Path
    target: Path
    kind: str = STILL

    def run(self, options: ClipOptions, overwrite: bool, tell: Callable[[Progress], None] = ignore) -> tuple[str, ...]:
        """Filter the source into the target. Raises FileError; the target is then as it was.

        `tell` hears of each frame of a clip. Returns sentences for what a person would not expect.
        """
        try:
            _check_target(self.target, overwrite)
            if self.kind != STILL:
                return _write_clip(self, options, tell)
            _write(self.target, render_still(_read(self.source), options.view))
        except DamagedError as error:
            raise FileError(f"{self.source}: {error} --salvage keeps what can be read.") from error
        except (PictureError, ClipError) as error:
            raise FileError(f"{self.source}: {error}") from error
        except MemoryError as error:
            what = "picture" if self.kind == STILL else "clip"
            raise FileError(f"{self.source}: There is not enough memory for this {what}.") from error
        except OSError as error:
            raise FileError(f"{self._failed(error)}: {error.strerror or error}.") from error
        return ()

    def _failed(self, error: OSError) -> str:
        """The file that an error of the file system is about."""
        return str(error.filename or self.target).removeprefix("file:")


def plan(sources: list[Path], output: Path | None, options: ClipOptions) -> list[Task]:
    """Which file becomes which: `photo.jpg` becomes `photo-red.png` beside it, and `clip.mov` `clip-red.mov`.

    A source that is a folder stands for the pictures and clips in it, less those that a filter has made of others
    there. `output` is STANDARD, a file if it ends in one of SUFFIXES, and else a folder, which is made if there is
    none. Raises ValueError if one file has to hold several or cannot hold what it is to, OSError from the file system.
    """
    files = [file for source in sources for file in (_files(source) if source.is_dir() else [source])]
    if output is None or output.is_dir() or (output != STANDARD and output.suffix.lower() not in SUFFIXES):
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
        return [_beside(file, output, options) for file in dict.fromkeys(files)]
    if len(sources) > 1 or sources[0].is_dir():
        raise ValueError(f"Several files need a folder to go to, and {output} is none.")
    return [Task(sources[0], output, _kind_of(sources[0], output))]


def _files(folder: Path) -> list[Path]:
    """Its pictures and clips. Hidden files are none: macOS keeps one beside each photo, `._photo.jpg`, of no pixels."""
    visible = (path for path in folder.iterdir() if not path.name.startswith("."))
    files = sorted(path for path in visible if path.suffix.lower() in SUFFIXES and path.is_file())
    stems = {path.stem for path in files}
    return [path for path in files if not ((made := FILTERED.fullmatch(path.name)) and made[1] in stems)]


def _beside(source: Path, folder: Path | None, options: ClipOptions) -> Task:
    """The task of a file whose target is named after it."""
    ending = _ending(source)
    kind = STILL if ending == ".png" else (CONTAINERS | ANIMATIONS)[ending]
    if source == STANDARD and folder is None:
        return Task(source, STANDARD, kind if kind == STILL else _piped_kind(source))
    stem = "stdin" if source == STANDARD else source.stem
    name = f"{stem}-{options.view.file_part}{ending}"
    return Task(source, (source.parent if folder is None else folder) / name, kind)


def _ending(source: Path) -> str:
    """How the filtered file ends: as a clip that can be written in the container that it came in, else .mp4 or .png."""
    suffix = _suffix(source)
    if suffix in CLIP_SUFFIXES:
        return suffix if suffix in CONTAINERS else ".mp4"
    return suffix if is_animated(source) else ".png"


def _suffix(source: Path) -> str:
    """The source's suffix in small letters; that of what comes on stdin is known by its first bytes."""
    if source != STANDARD:
        return source.suffix.lower()
    peek = getattr(sys.stdin.buffer, "peek", None)
    return suffix_of(peek(HEAD_BYTES)) or "" if peek else ""


def _kind_of(source: Path, target: Path) -> str:
    """What a source becomes in the file that was named for it, or on stdout. Raises ValueError if that cannot be."""
    ending, suffix = _ending(source), target.suffix.lower()
    if ending == ".png":
        if target != STANDARD and suffix != ".png":
            raise ValueError(f"Pictures are written as PNG: name the output {target.with_suffix('.png')}.")
        return STILL
    if target == STANDARD:
        return _piped_kind(source)
    allowed = ANIMATIONS if ending in ANIMATIONS else CONTAINERS
    if suffix not in allowed:
        *others, last = allowed
        raise ValueError(f"{source} is a clip, which is written as {', '.join(others)} or {last}, not as {target}.")
    return allowed[suffix]


def _piped_kind(source: Path) -> str:
    """The container that goes to stdout."""
    kind = CONTAINERS.get(_suffix(source))
    if kind is None:
        raise ValueError(f"Only MP4, MOV, MKV and WebM go through a pipe: name a file with -o for {source}.")
    return kind


def _check_target(target: Path, overwrite: bool) -> None:
    if target == STANDARD or not target.exists():
        return
    if not target.is_file():
        raise FileError(f"{target}: This is not a file that a picture could replace.")
    if not overwrite:
        raise FileError(f"{target}: The file exists; --force overwrites it.")


def _read(source: Path) -> bytes:
    """The source's bytes, or a few more than the limit."""
    if source == STANDARD:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with source.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _write(target: Path, data: bytes) -> None:
    if target == STANDARD:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    part = _part(target)
    try:
        part.write_bytes(data)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _write_clip(task: Task, options: ClipOptions, tell: Callable[[Progress], None]) -> tuple[str, ...]:
    source = sys.stdin.buffer if task.source == STANDARD else task.source
    if task.target == STANDARD:
        return filter_clip(source, sys.stdout.buffer, task.kind, options, tell).notes
    part = _part(task.target)
    try:
        if task.kind in ANIMATIONS.values():
            report = filter_animation(task.source, part, task.kind, options, tell)
        else:
            report = filter_clip(source, part, task.kind, options, tell)
        part.replace(task.target)
    finally:
        part.unlink(missing_ok=True)
    return report.notes


def _part(target: Path) -> Path:
    """A name beside the target's for what is not whole yet."""
    return target.with_name(f".{secrets.token_hex(8)}.part")
