"""A visitor's clip: what it holds, its making, and its end with the page."""

import gc
import time
import weakref
from types import SimpleNamespace

import pytest

from colorfilter import PRESETS
from colorfilter.clips.facts import inspect_clip
from colorfilter.clips.options import ClipError, ClipOptions
from colorfilter.host.jobs import Jobs, Limits
from colorfilter.host.sessions import SessionReaper
from colorfilter.host.visitors_memory import NoRoom, VisitorsMemory
from colorfilter.page import uploaded_clip
from colorfilter.page.uploaded_clip import LEFT_S, read_clip
from colorfilter.views.options import ViewOptions
from tests.support import clips
from tests.support.patience import until

RED = ClipOptions(ViewOptions(PRESETS["red"], mirror=False), preset="ultrafast")
SLOW = ClipOptions(ViewOptions(PRESETS["red"], mirror=False), preset="veryslow")


@pytest.fixture
def jobs(monkeypatch):
    """One page, "a", whose work is done here, and jobs as they are."""
    made, memory = Jobs(Limits()), VisitorsMemory(100_000_000)
    monkeypatch.setattr(uploaded_clip, "clip_jobs", lambda: made)
    monkeypatch.setattr(uploaded_clip, "visitors_memory", lambda: memory)
    monkeypatch.setattr(uploaded_clip, "page_workers", lambda: SimpleNamespace(call=lambda work, *args: work(*args)))
    monkeypatch.setattr(uploaded_clip, "current_session_id", lambda: "a")
    monkeypatch.setattr(uploaded_clip, "current_browser", lambda: "browser")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return clips.write_clip(tmp_path_factory.mktemp("clip") / "in.mp4", audio=None).read_bytes()


@pytest.fixture(scope="module")
def long_data(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "long.mp4"
    return clips.write_clip(path, (640, 480), 400, options={"preset": "ultrafast"}, audio=None).read_bytes()


def test_it_is_made_and_counts_with_its_frame_and_what_was_made(jobs, data):
    memory = uploaded_clip.visitors_memory()
    clip = read_clip("in", data)
    assert memory.held() == len(data)
    photo = clip.show(0.3)
    assert clip.show(0.3) is photo
    assert (photo.width, photo.height, memory.held()) == (64, 48, len(data) + 64 * 48 * 3)
    clip.make(RED)
    assert clip.job.over.wait(60)
    job = weakref.ref(clip.job)
    clip.take_result()
    until(lambda: gc.collect() >= 0 and job() is None)  # and what it made is held once
    assert (clip.job, clip.error, clip.made.frames, clip.made_with) == (None, "", 20, RED)
    assert memory.held() == len(data) + 64 * 48 * 3 + len(clip.made.data)
    assert inspect_clip(clip.made.data, uploaded_clip.clip_limits(uploaded_clip.settings())).frames == 20
    clip.drop()
    assert memory.held() == len(data) + 64 * 48 * 3
    del clip
    gc.collect()
    assert memory.held() == 0


def test_what_is_no_clip_or_too_large_or_finds_no_room_is_a_sentence(jobs, data, monkeypatch):
    with pytest.raises(ClipError, match="no video file that can be read"):
        read_clip("in", b"words")
    assert read_clip("in", clips.animation("gif", count=1)) is None
    monkeypatch.setenv("COLORFILTER_MAX_CLIP_MB", "0.001")
    uploaded_clip.settings.cache_clear()
    with pytest.raises(ClipError, match=r"The clip has [\d.]+ MB; the limit is 0 MB"):
        read_clip("in", data)
    uploaded_clip.settings.cache_clear()
    monkeypatch.delenv("COLORFILTER_MAX_CLIP_MB")
    monkeypatch.setattr(uploaded_clip, "visitors_memory", lambda: VisitorsMemory(1000))
    with pytest.raises(NoRoom):
        read_clip("in", data)


def test_one_visitor_has_one_job_in_all_pages(jobs, data, long_data):
    first, second = read_clip("one", long_data), read_clip("two", data)
    first.make(SLOW)
    second.make(RED)
    assert second.error == "One of yours is being made already: wait for it, or cancel it."
    job = first.job
    first.drop()
    assert job.state == "cancelled"
    second.make(RED)
    assert (second.error, second.job.over.wait(60)) == ("", True)


def test_the_job_ends_with_its_clip(jobs, long_data):
    clip = read_clip("in", long_data)
    clip.make(SLOW)
    job = clip.job
    until(lambda: job.progress is not None)
    del clip
    gc.collect()
    assert job.state == "cancelled"
    until(lambda: not jobs._jobs)
    assert job.args == ()


def test_the_job_ends_once_its_page_has_been_closed_for_a_while(jobs, long_data, monkeypatch):
    open_pages = {"a"}
    reaper = SessionReaper(LEFT_S, open_pages.__contains__, uploaded_clip._cancel)
    monkeypatch.setattr(uploaded_clip, "_reaper", lambda: reaper)
    clip = read_clip("in", long_data)
    clip.make(SLOW)
    now = time.monotonic()
    reaper.reap(now + 1000)
    open_pages.clear()
    reaper.reap(now + 1000 + LEFT_S - 1)
    assert clip.job.state != "cancelled"
    reaper.reap(now + 1000 + LEFT_S)
    assert clip.job.state == "cancelled"
    until(lambda: clip.job._process is None or not clip.job._process.is_alive())
