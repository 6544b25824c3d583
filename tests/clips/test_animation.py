"""GIF and animated WebP, made and read back with Pillow."""

import numpy as np
import pytest
from PIL import Image

from colorfilter import PRESETS, filter_image
from colorfilter.clips.animation import filter_animation, is_animated
from colorfilter.clips.options import ClipError, ClipOptions, DamagedError
from colorfilter.views.options import ViewOptions

DURATIONS = [100, 50, 200, 80]
YELLOW = ViewOptions(PRESETS["yellow"], mirror=False)


def pictures(transparent=False):
    """Four small pictures of few colors, RGBA, of which the first lines are transparent if one wants."""
    rng = np.random.default_rng(1)
    made = []
    for _ in DURATIONS:
        picture = np.full((24, 36, 4), 255, np.uint8)
        picture[:, :, :3] = rng.integers(0, 256, (3, 3, 3), np.uint8).repeat(8, 0).repeat(12, 1)
        if transparent:
            picture[:8, :, 3] = 0
        made.append(picture)
    return made


def write(path, frames, **options):
    first, *others = (Image.fromarray(frame) for frame in frames)
    lossless = {"lossless": True} if path.suffix == ".webp" else {}
    first.save(path, save_all=True, append_images=others, duration=DURATIONS, loop=3, disposal=2, **lossless, **options)
    return path


def read(path):
    """Pictures, durations and rounds."""
    frames, durations = [], []
    with Image.open(path) as image:
        for number in range(image.n_frames):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGBA")))
            durations.append(image.info["duration"])  # which WebP has once the frame is decoded
        return frames, durations, image.info["loop"]


@pytest.mark.parametrize("kind", ["gif", "webp"])
@pytest.mark.parametrize("transparent", [False, True])
def test_frames_durations_rounds_and_transparency(tmp_path, kind, transparent):
    source = write(tmp_path / f"in.{kind}", pictures(transparent))
    report = filter_animation(source, tmp_path / f"out.{kind}", kind, ClipOptions(YELLOW))
    (before, *_), (after, durations, loop) = read(source), read(tmp_path / f"out.{kind}")
    assert (report.frames, durations, loop) == (4, DURATIONS, 3)
    for old, new in zip(before, after, strict=True):
        want = filter_image(old, PRESETS["yellow"])
        assert np.array_equal(new[:, :, 3], want[:, :, 3])
        seen = want[:, :, 3] > 0
        difference = np.abs(new[seen].astype(int) - want[seen])
        assert difference.max() == 0 if kind == "gif" else difference.mean() <= 8  # WebP is lossy, at edges above all


def test_a_trim_and_a_view(tmp_path):
    source = write(tmp_path / "in.gif", pictures())
    options = ClipOptions(ViewOptions(PRESETS["red"], mirror=False, view="compare"), start=0.1, end=0.3)
    report = filter_animation(source, tmp_path / "out.gif", "gif", options)
    frames, durations, _ = read(tmp_path / "out.gif")
    assert (report.frames, durations) == (2, [50, 200])
    assert frames[0].shape == (24, 36, 4)
    with pytest.raises(ClipError, match="no picture between"):
        filter_animation(source, tmp_path / "out.gif", "gif", ClipOptions(YELLOW, start=9))


def test_one_that_is_cut(tmp_path):
    source = write(tmp_path / "whole.gif", pictures())
    cut = tmp_path / "in.gif"
    cut.write_bytes(source.read_bytes()[:-40])
    with pytest.raises(DamagedError, match=r"damaged at 0\.\d s"):
        filter_animation(cut, tmp_path / "out.gif", "gif", ClipOptions(YELLOW))
    report = filter_animation(cut, tmp_path / "out.gif", "gif", ClipOptions(YELLOW, salvage=True))
    assert 1 <= report.frames < 4
    assert "what could be read is kept" in report.notes[0]


def test_which_files_are_animations(tmp_path):
    assert is_animated(write(tmp_path / "a.gif", pictures()))
    assert is_animated(write(tmp_path / "a.webp", pictures()))
    Image.fromarray(pictures()[0]).save(tmp_path / "still.gif")
    (tmp_path / "none.gif").write_bytes(b"nonsense")
    assert not any(is_animated(tmp_path / name) for name in ("still.gif", "none.gif", "missing.gif", "a.png"))
