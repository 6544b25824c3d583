"""A visitor's clip, made beside the server, in memory alone."""

import io

import numpy as np
import pytest
from PIL import Image

from colorfilter import PRESETS
from colorfilter.clips.facts import ClipLimits, clip_limits
from colorfilter.clips.job import make_clip
from colorfilter.clips.options import ClipError, ClipOptions, Progress
from colorfilter.host.jobs import Jobs, Limits
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


def ignore(progress):
    """Nobody is told."""


def test_a_clip_is_made_in_memory_alone(tmp_path, jobs):
    path = clips.write_clip(tmp_path / "in.mp4", frames=30)
    job = jobs.submit("a", make_clip, path.read_bytes(), "mp4", RED, LIMITS)
    assert job.over.wait(60)
    assert (job.state, job.error) == ("done", "")
    assert (job.result.frames, job.result.notes) == (30, ())
    assert isinstance(job.progress, Progress)
    assert (job.progress.all_frames, job.progress.frames > 0) == (30, True)
    assert job.result.data.index(b"moov") < job.result.data.index(b"mdat")  # browsers play it before all is there
    assert [file.name for file in tmp_path.iterdir()] == ["in.mp4"]
    (tmp_path / "out.mp4").write_bytes(job.result.data)
    assert clips.times_of(tmp_path / "out.mp4") == clips.times_of(path)


@pytest.mark.parametrize(("suffix", "codec", "sound"), [(".webm", "libvpx-vp9", "libopus"), (".mkv", "libx264", "aac")])
def test_other_containers(tmp_path, suffix, codec, sound):
    path = clips.write_clip(tmp_path / f"in{suffix}", codec=codec, audio=sound)
    kind = {".webm": "webm", ".mkv": "matroska"}[suffix]
    made = make_clip(ignore, path.read_bytes(), kind, ClipOptions(RED.view, preset="ultrafast"), LIMITS)
    (tmp_path / f"out{suffix}").write_bytes(made.data)
    assert len(clips.frames_of(tmp_path / f"out{suffix}")) == 20


def test_an_animation():
    made = make_clip(ignore, clips.animation("gif"), "gif", RED, LIMITS)
    with Image.open(io.BytesIO(made.data)) as image:
        assert (image.format, image.n_frames, made.frames) == ("GIF", 3, 3)
        image.seek(2)
        assert np.asarray(image.convert("RGB"))[0, 0].tolist() == [120, 0, 0]


def test_cancelling_ends_it_at_once(tmp_path, jobs):
    path = clips.write_clip(
        tmp_path / "in.mp4", size=(640, 480), frames=400, options={"preset": "ultrafast"}, audio=None
    )
    slow = ClipOptions(ViewOptions(PRESETS["red"], mirror=False), preset="veryslow")
    job = jobs.submit("a", make_clip, path.read_bytes(), "mp4", slow, LIMITS)
    until(lambda: job.progress is not None)
    job.cancel()
    until(lambda: not job._process.is_alive())
    assert job.progress.frames < 400


def test_a_clip_that_does_not_say_how_long_it_is_ends_at_the_limit(tmp_path):
    path = clips.write_clip(tmp_path / "in.mkv", frames=90, audio=None)
    limits = ClipLimits(LIMITS.bytes, 1.0, LIMITS.pixels)
    with pytest.raises(ClipError, match="limit is 1 s"):
        make_clip(ignore, clips.through_a_pipe(path), "matroska", RED, limits)


def test_what_the_container_cannot_hold_is_a_sentence_without_the_command_lines_way_out(tmp_path):
    path = clips.write_clip(tmp_path / "in.mkv", pix_fmt="yuv422p10le", audio=None)
    with pytest.raises(ClipError, match=r"not yuv422p10le\.$"):
        make_clip(ignore, path.read_bytes(), "webm", RED, LIMITS)
