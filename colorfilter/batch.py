"""Picture files to filtered picture files: which becomes which, and never half of one on the disk."""

from __future__ import annotations

import re
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from colorfilter.filters import PRESETS, ColorFilter
from colorfilter.stills.decode import MAX_BYTES, PictureError
from colorfilter.stills.pipeline import render_still
from colorfilter.views.options import ViewOptions

STANDARD = Path("-")  # stdin as a source, stdout as a target
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"}
FILTERED = re.compile(rf"(.+)-(?:{'|'.join(PRESETS)}|[0-9a-f]{{6}})\.png")


class FileError(Exception):
    """What a person can read about a file that could not be filtered: one sentence that names it."""


@dataclass(frozen=True)
class Task:
    """One picture to filter: `source` is a file or STANDARD, and so is `target`."""

    source: Path
    target: Path

    def run(self, color_filter: ColorFilter, overwrite: bool) -> None:
        """Filter the source into the target, as PNG. Raises FileError; the target is then as it was."""
        try:
            _check_target(self.target, overwrite)
            _write(self.target, render_still(_read(self.source), ViewOptions(color_filter)))
        except PictureError as error:
            raise FileError(f"{self.source}: {error}") from error
        except MemoryError as error:
            raise FileError(f"{self.source}: There is not enough memory for this picture.") from error
        except OSError as error:
            raise FileError(f"{error.filename or self.target}: {error.strerror or error}.") from error


def plan(sources: list[Path], output: Path | None, color_filter: ColorFilter) -> list[Task]:
    """Which file becomes which: `photo.jpg` becomes `photo-red.png` beside it.

    A source that is a folder stands for the pictures in it, less those that a filter has made of others there.
    `output` is STANDARD, a file if it ends in .png, and else a folder, which is made if there is none.
    Raises ValueError if one file has to hold several pictures or is to be no PNG, OSError from the file system.
    """
    pictures = [picture for source in sources for picture in (_pictures(source) if source.is_dir() else [source])]
    if output is None or output.is_dir() or (output != STANDARD and output.suffix.lower() not in SUFFIXES):
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
        return [Task(picture, _target(picture, output, color_filter)) for picture in dict.fromkeys(pictures)]
    if len(sources) > 1 or sources[0].is_dir():
        raise ValueError(f"Several pictures need a folder to go to, and {output} is none.")
    if output != STANDARD and output.suffix.lower() != ".png":
        raise ValueError(f"Pictures are written as PNG: name the output {output.with_suffix('.png')}.")
    return [Task(sources[0], output)]


def _pictures(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    stems = {path.stem for path in files}
    return [path for path in files if not ((made := FILTERED.fullmatch(path.name)) and made[1] in stems)]


def _target(source: Path, folder: Path | None, color_filter: ColorFilter) -> Path:
    if source == STANDARD:
        return STANDARD if folder is None else folder / f"stdin-{color_filter.name.lstrip('#')}.png"
    name = f"{source.stem}-{color_filter.name.lstrip('#')}.png"
    return (source.parent if folder is None else folder) / name


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
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
