"""A visitor's clip: its limits, its preview, and its making beside the server, in memory alone."""

import io

import numpy as np
import pytest
from PIL import Image

from colorfilter import PRESETS
from colorfilter.clips.job import ClipLimits, clip_limits, inspect_clip, make_clip, preview
from colorfilter.clips.options import ClipError, ClipOptions, Progress
from colorfilter.host.jobs import Jobs, Limits
from colorfilter.host.memory_file import MemoryFile
from colorfilter.host.settings import Settings
from colorfilter.views.options import ViewOptions
from tests.support import clips
from tests.support.patience import until

LIMITS = clip_limits(Settings())
RED = ClipOptions(ViewOptions(PRESETS["red"], mirror=False), preset="ultrafast", crf=0)


@pytest.fixture
def jobs():
    made = Jobs(Limits())
    yield made
    made.stop()


def test_a_clip_is_made_in_memory_alone(tmp_path, jobs):
    path = clips.write_clip(tmp_path / "in.mp4", frames=30)
    source, target = MemoryFile(path.read_bytes()), MemoryFile()
    job = jobs.submit("a", make_clip, source.path, target.path, "mp4", RED, LIMITS)
    assert job.over.wait(60)
    assert (job.state, job.error) == ("done", "")
    assert job.result.frames == 30
    assert isinstance(job.progress, Progress)
    assert (job.progress.all_frames, job.progress.frames > 0) == (30, True)
    (tmp_path / "out.mp4").write_bytes(target.read())
    assert clips.times_of(tmp_path / "out.mp4") == clips.times_of(path)
    assert target.read().index(b"moov") < target.read().index(b"mdat")  # browsers play it before all is there
    assert sorted(file.name for file in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


def test_cancelling_ends_it_at_once(tmp_path, jobs):
    path = clips.write_clip(
        tmp_path / "in.mp4", size=(640, 480), frames=400, options={"preset": "ultrafast"}, audio=None
    )
    source, target = MemoryFile(path.read_bytes()), MemoryFile()
    slow = ClipOptions(ViewOptions(PRESETS["red"], mirror=False), preset="veryslow")
    job = jobs.submit("a", make_clip, source.path, target.path, "mp4", slow, LIMITS)
    until(lambda: job.progress is not None)
    job.cancel()
    until(lambda: not job._process.is_alive())
    assert job.progress.frames < 400


def test_what_is_above_the_limits_is_a_sentence(tmp_path):
    path = clips.write_clip(tmp_path / "in.mp4", frames=30)
    facts = inspect_clip(path, LIMITS)
    assert (facts.width, facts.height, facts.frames) == (64, 48, 30)
    assert facts.seconds == pytest.approx(1.0, abs=0.03)
    with pytest.raises(ClipError, match="limit is 0 s"):
        inspect_clip(path, ClipLimits(0.4, LIMITS.pixels))
    with pytest.raises(ClipError, match="64 x 48 pixels"):
        inspect_clip(path, ClipLimits(60, 64 * 47))


def test_a_clip_that_does_not_say_how_long_it_is_ends_at_the_limit(tmp_path):
    path = clips.write_clip(tmp_path / "in.mkv", frames=90, audio=None)
    piped = tmp_path / "piped.mkv"
    piped.write_bytes(clips.through_a_pipe(path))
    assert inspect_clip(piped, ClipLimits(1.0, LIMITS.pixels)).seconds == 0
    with pytest.raises(ClipError, match="limit is 1 s"):
        make_clip(lambda progress: None, piped, tmp_path / "out.mkv", "matroska", RED, ClipLimits(1.0, LIMITS.pixels))


@pytest.mark.parametrize("view", ["filter", "compare", "all"])
def test_a_preview_at_any_second(tmp_path, view):
    path = clips.write_clip(tmp_path / "in.mp4", size=(192, 96), frames=60)
    options = ViewOptions(PRESETS["red"], mirror=False, view=view)
    seen = [np.asarray(Image.open(io.BytesIO(preview(path, second, options)))) for second in (0, 1.5)]
    assert seen[0].shape == ((96, 192, 3) if view != "all" else (64, 192, 3))
    assert not np.array_equal(*seen)
    if view == "filter":
        assert seen[0][:, :, 1].max() <= 2
    with pytest.raises(ClipError, match="no picture at this second"):
        preview(path, 100, options)
