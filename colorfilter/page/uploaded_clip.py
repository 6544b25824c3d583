"""A clip that a visitor has uploaded: its file, the frame that is seen, its making, and what was made of it."""

from __future__ import annotations

import functools
import time
import weakref
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from colorfilter.clips.facts import ClipFacts, check_bytes, clip_limits, inspect_clip
from colorfilter.clips.job import MadeClip, clip_jobs, make_clip
from colorfilter.clips.options import ClipOptions
from colorfilter.clips.preview import frame_at
from colorfilter.host.housekeeping import housekeeping
from colorfilter.host.jobs import Busy, Job
from colorfilter.host.sessions import SessionReaper
from colorfilter.host.settings import settings
from colorfilter.host.streamlit_internals import current_browser, current_session_id
from colorfilter.host.visitors_memory import NoRoom, visitors_memory
from colorfilter.host.worker_pool import page_workers
from colorfilter.stills.photo import MAX_SMALL_BYTES, Photo

LEFT_S = 15.0  # a page that has been closed for so long gets no clip any more; one that reconnects comes sooner


@dataclass(eq=False)
class UploadedClip:
    """The clip's name without ending, its file, what it says of itself, and what became of it.

    `made` was made with the options `made_with`; `error` says why the last try failed.
    """

    name: str
    data: bytes
    facts: ClipFacts
    second: float = 0.0
    frame: Photo | None = None
    job: Job | None = None
    job_options: ClipOptions | None = None
    made: MadeClip | None = None
    made_with: ClipOptions | None = None
    error: str = ""
    seen_to_fit: bool = True  # what the page last said of `made` and the options
    _end: weakref.finalize[..., Any] | None = None

    @property
    def held_bytes(self) -> int:
        """The memory that it takes."""
        frame, job, made = self.frame, self.job, self.made  # each once: the page may change them meanwhile
        result = job.result if job else None
        files = sum(len(one.data) for one in (made, result) if one)
        return len(self.data) + files + (frame.held_bytes if frame else 0)

    def show(self, second: float) -> Photo:
        """The frame of that second as a photo. Raises ClipError, NoRoom, and what the workers raise."""
        if self.frame is None or second != self.second:
            if self.frame is None:
                visitors_memory().require(MAX_SMALL_BYTES)
            small = page_workers().call(frame_at, self.data, second)
            self.frame = Photo(self.name, b"", small, small.shape[1], small.shape[0])
            self.second = second
        return self.frame

    def make(self, options: ClipOptions) -> None:
        """Have it made. What was made before is dropped; `error` says why it cannot be."""
        self.drop()
        try:
            visitors_memory().require(len(self.data))
            work = make_clip, self.data, self.facts.kind, options, clip_limits(settings())
            session = current_session_id() or ""
            self.job = clip_jobs().submit(current_browser() or session, *work)
        except (Busy, NoRoom) as error:
            self.error = str(error)
            return
        self.job_options = options
        self._end = weakref.finalize(self, self.job.cancel)  # the session is closed, and the clip gone with it
        _cancel_when_left(session, self.job)

    def take_result(self) -> None:
        """Have what became of the job, which is over."""
        job = self.job
        self._forget_job()
        if job is not None:
            self.made, self.made_with, self.error = job.result, self.job_options, job.error

    def drop(self) -> None:
        """End its making, and forget what was made."""
        if self.job is not None:
            self.job.cancel()
        self._forget_job()
        self.made = self.made_with = None
        self.error = ""

    def _forget_job(self) -> None:
        """Let go of the job and its result; the finalizer holds them too."""
        self.job = None
        if self._end is not None:
            self._end.detach()
            self._end = None


def read_clip(name: str, data: bytes) -> UploadedClip | None:
    """A visitor's clip, looked at in a process of its own; None for a GIF or WebP that does not move.

    Raises ClipError for one that cannot be read or is above the limits, NoRoom, and what the workers raise.
    """
    limits = clip_limits(settings())
    visitors_memory().require(len(data) + MAX_SMALL_BYTES)
    facts = page_workers().call(inspect_clip, data, limits)
    if facts is None:
        return None
    check_bytes(len(data), limits)
    clip = UploadedClip(name, data, facts)
    visitors_memory().add(clip)
    return clip


# ---- Who has left ----------------------------------------------------------------------------------------------

_jobs_of_pages: WeakValueDictionary[str, Job] = WeakValueDictionary()


def _cancel_when_left(session: str, job: Job) -> None:
    """End the job once its page has been closed for a while, long before the session is."""
    _jobs_of_pages[session] = job
    _reaper().touch(session, time.monotonic())


@functools.cache
def _reaper() -> SessionReaper:
    reaper = SessionReaper(LEFT_S, close=_cancel)
    housekeeping.add("ending the clips of who has left", reaper.reap)
    return reaper


def _cancel(session: str) -> None:
    if job := _jobs_of_pages.pop(session, None):
        job.cancel()
