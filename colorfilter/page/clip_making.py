"""Making a clip on the page: a button, then its progress, and then the clip, which plays and can be downloaded."""

from __future__ import annotations

import base64
import time
from typing import Any

import streamlit as st

from colorfilter.clips.job import clip_jobs
from colorfilter.clips.options import ClipOptions, Progress
from colorfilter.host.jobs import Job
from colorfilter.host.streamlit_internals import keep_media_file
from colorfilter.page.session import page_session
from colorfilter.page.uploaded_clip import UploadedClip

POLL_INTERVAL_S = 1.0
MOST_UNTIL_DONE = 0.99  # of the bar: its file is still to be sent when the last frame is encoded
MAX_INLINE_BYTES = 1_000_000  # of a picture in a message, which is compressed while all videos wait
SHORT_S = 90  # what takes longer is said in minutes
MIMES = {
    "mp4": "video/mp4",
    "webm": "video/webm",
    "matroska": "video/x-matroska",
    "gif": "image/gif",
    "webp": "image/webp",
}
MAKE = "make_clip"  # the button's key
SUFFIXES = {kind: kind for kind in MIMES} | {"matroska": "mkv"}


def keep_made_clip() -> None:
    """Keep the clip's file while the page runs, as `recording.keep_clip` does. Call this first in the script."""
    clip = page_session().clip
    if clip is not None and clip.made and clip.facts.kind not in ("gif", "webp"):
        keep_media_file(clip.made.data, MIMES[clip.facts.kind], "made clip")


def render(clip: UploadedClip, options: ClipOptions | None) -> None:
    """Draw the clip's making with these options; None if nothing of it is to be kept."""
    if st.session_state.get(MAKE) and options is not None:  # a callback would have the options of the run before
        clip.make(options)
    if clip.job is not None:
        _watch(clip)
        return
    if clip.error:
        st.error(clip.error)
    clip.seen_to_fit = clip.made is None or clip.made_with == options
    if clip.made is None or not clip.seen_to_fit:
        if clip.made:
            st.info("The clip below was made before your last choices. Make it again to have them.")
        with st.container(horizontal=True, key="make"):
            label = "Make it again" if clip.made else "Make the clip"
            make: dict[str, Any] = {"type": "primary", "icon": ":material/movie:", "disabled": options is None}
            st.button(label, MAKE, **make)
    if clip.made:
        _show(clip)


@st.fragment(run_every=POLL_INTERVAL_S)
def _watch(clip: UploadedClip) -> None:
    """How far it is, in a fragment. Once it is over the page runs."""
    job = clip.job
    if job is None or job.over.is_set():
        clip.take_result()
        st.rerun()
    share, words = _told(job)
    with st.container(horizontal=True, vertical_alignment="center", key="making"):
        st.progress(share, words)
        st.button("Cancel", "cancel_clip", on_click=job.cancel, icon=":material/close:")


def _told(job: Job) -> tuple[float, str]:
    """How much of the work is done, 0..1, and what is said of it."""
    if place := clip_jobs().place(job):
        return 0.0, f"Waiting for its turn: number {place} in the queue"
    progress = job.progress
    if not isinstance(progress, Progress):
        return 0.0, "Starting"
    share = share_of(progress)
    if share is None:
        return 0.0, f"{progress.seconds:.0f} s are made"
    elapsed = time.monotonic() - (job.started or time.monotonic())
    left = elapsed * (1 - share) / share if share else 0.0
    return share, f"{100 * share:.0f} %, {_time_left(left)}" if left else f"{100 * share:.0f} %"


def share_of(progress: Progress) -> float | None:
    """How much of a clip is made, 0..1; None where it does not say how long it is."""
    done, of = progress.seconds, progress.all_seconds
    if not of:
        done, of = progress.frames, progress.all_frames
    return min(max(done / of, 0.0), MOST_UNTIL_DONE) if of else None


def _time_left(seconds: float) -> str:
    if seconds < SHORT_S:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / 60)} min left"


def _show(clip: UploadedClip) -> None:
    """The clip as it was made."""
    assert clip.made is not None
    assert clip.made_with is not None
    kind, data = clip.facts.kind, clip.made.data
    for note in clip.made.notes:
        st.info(note)
    with st.container(key="clip"):
        if kind in ("gif", "webp") and len(data) > MAX_INLINE_BYTES:
            st.caption("It is too large to play here: download it.")
        elif kind in ("gif", "webp"):
            # As a file of Streamlit's a WebP would be a picture that does not move, as would a wide GIF.
            st.image(f"data:{MIMES[kind]};base64,{base64.b64encode(data).decode()}", width="stretch")
        else:
            st.video(data, MIMES[kind])
        name = f"{clip.name}-{clip.made_with.view.file_part}.{SUFFIXES[kind]}"
        download: dict[str, Any] = {"on_click": "ignore", "icon": ":material/download:"}
        st.download_button("Download clip", data, name, MIMES[kind], **download)
