"""GIF and animated WebP: pictures of red, green and blue one after another, which Pillow reads and writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from colorfilter.clips.options import ClipError, ClipOptions, DamagedError, Progress
from colorfilter.clips.report import Report, ignore
from colorfilter.clips.source import Readable
from colorfilter.clips.target import Writable
from colorfilter.filters import Picture
from colorfilter.stills.decode import MAX_PIXELS
from colorfilter.views.still import render_image

FORMATS = ("GIF", "WEBP")
KINDS = {".gif": "gif", ".webp": "webp"}
BROKEN = (OSError, EOFError, ValueError, SyntaxError, Image.DecompressionBombError)  # what Pillow raises of a frame
UNSET_MS = 100  # what browsers take for a frame that says no duration, or one of 0
# Every frame is a key frame (kmax): libwebp's frames of differences lost what was transparent.
# WebP's are lossy here as a photograph's are; a GIF's colors are at most 256 a frame.
SAVE_OPTIONS: dict[str, dict[str, Any]] = {"gif": {"optimize": False}, "webp": {"quality": 85, "method": 4, "kmax": 1}}


def is_animated(path: Path) -> bool:
    """Whether the file is a GIF or WebP of more than one frame."""
    return path.suffix.lower() in KINDS and animated_kind(path) is not None


def animated_kind(source: Readable) -> str | None:
    """ "gif" or "webp" for one of more than one frame, by its content; None for anything else."""
    try:
        with Image.open(source, formats=FORMATS) as image:
            return str(image.format).lower() if getattr(image, "n_frames", 1) > 1 else None
    except Exception:  # whoever reads it as a picture will say what is wrong
        return None


@contextmanager
def open_animation(source: Readable) -> Iterator[Image.Image]:
    """Open a GIF or WebP. Raises ClipError with a sentence, OSError from the file system."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield _opened(file)
    else:
        yield _opened(source)


def _opened(file: IO[bytes]) -> Image.Image:
    try:
        image = Image.open(file, formats=FORMATS)
    except (UnidentifiedImageError, Image.DecompressionBombError, ValueError):
        raise ClipError("This is no GIF or WebP that can be read.") from None
    if image.width * image.height > MAX_PIXELS:
        raise ClipError(f"A frame of this animation has more than {MAX_PIXELS // 1_000_000} megapixels.")
    return image


def duration_ms(image: Image.Image) -> int:
    """How long the frame that was loaded is shown, in milliseconds."""
    return int(image.info.get("duration", 0)) or UNSET_MS


@dataclass
class _Frame:
    image: Image.Image
    milliseconds: int


def filter_animation(
    source: Readable, target: Writable, kind: str, options: ClipOptions, tell: Callable[[Progress], None] = ignore
) -> Report:
    """Filter an animation into another, "gif" or "webp", with the frames' durations and the number of its rounds.

    Raises ClipError with a sentence, OSError from the file system. Whoever calls removes a target that was begun.
    """
    with open_animation(source) as image:
        notes: list[str] = []
        frames = list(_rendered(image, options, tell, notes))
        if not frames:
            raise ClipError("The clip has no picture between these seconds.")
        save = {"loop": image.info["loop"]} if "loop" in image.info else {}
    first, *others = (frame.image for frame in frames)
    first.save(
        target,
        format=kind.upper(),
        save_all=True,
        append_images=others,
        duration=[frame.milliseconds for frame in frames],
        disposal=2,  # each frame is whole: nothing of the last one shows through what is transparent
        **SAVE_OPTIONS[kind],
        **save,
    )
    return Report(len(frames), tuple(notes))


def _rendered(
    image: Image.Image, options: ClipOptions, tell: Callable[[Progress], None], notes: list[str]
) -> Iterator[_Frame]:
    """The frames between the start and the end, rendered."""
    begin, count = 0.0, getattr(image, "n_frames", 1)
    for number in range(count):
        try:
            image.seek(number)
            image.load()
        except BROKEN:
            sentence = f"The clip is damaged at {begin:.1f} s"
            if not options.salvage or number == 0:
                raise DamagedError(f"{sentence}.") from None
            notes.append(f"{sentence}; what could be read is kept.")
            return
        milliseconds = duration_ms(image)
        if begin >= options.start and (options.end is None or begin < options.end):
            picture = np.asarray(image.convert("RGBA"))
            yield _Frame(Image.fromarray(_opaque(render_image(picture, options.view))), milliseconds)
        begin += milliseconds / 1000
        tell(Progress(number + 1, begin, count, 0.0))


def _opaque(picture: Picture) -> Picture:
    """The picture without its alpha if it has none to speak of: GIF then keeps more colors."""
    return picture[:, :, :3] if picture[:, :, 3].min() == 255 else picture
