"""Recording on the page: a button beside the snapshot's, a red mark with the seconds, and then the clip.

They are drawn in a fragment. But Streamlit lets go of a clip's file only when the page runs: see `pop_rerun_request`.
"""

from __future__ import annotations

import streamlit as st

from colorfilter.host.streamlit_internals import keep_media_file
from colorfilter.host.visitors_memory import FULL, NoRoom, visitors_memory
from colorfilter.live.picture import LivePicture
from colorfilter.live.recorder import MAX_CLIP_S, Recorder
from colorfilter.page.session import page_session

START_BYTES = 1_000_000  # room for the first seconds of a clip
NAME, MIME = "clip.webm", "video/webm"


def keep_clip() -> None:
    """Keep the clip's file while the page runs. Call this first in the script.

    Streamlit lets go of every file as a run begins. Until the run comes to the clip, or for good if it is cut short
    before that, a browser that asks for the file, as it does to seek, would be told that there is none.
    """
    recorder = page_session().recorder
    if recorder is not None and not recorder.running and (webm := recorder.webm()):
        keep_media_file(webm, MIME, "clip")


def record_button(live: LivePicture) -> None:
    """Draw the button that records, or, during a recording, the mark and the button that stops."""
    recorder = page_session().recorder
    if recorder is not None and recorder.running:
        st.button("Stop recording", "record", on_click=recorder.stop, icon=":material/stop_circle:")
        st.html(_mark(recorder.seconds), width="content")
    else:
        label = "Record" if recorder is None else "Record again"
        st.button(label, "record", on_click=_record, args=(live,), icon=":material/radio_button_checked:")


def _mark(seconds: float) -> str:
    """Draw a red mark and the seconds. The browser counts on by itself (page.css).

    The end of the count is written out: Firefox does not count to a variable.
    """
    timing = f"--longest: {MAX_CLIP_S}; animation: seconds {MAX_CLIP_S}s steps({MAX_CLIP_S}) {-seconds:.2f}s forwards"
    return f"""
        <style>@keyframes seconds {{ to {{ --seconds: {MAX_CLIP_S}; }} }}</style>
        <div class="recording" role="timer" aria-label="Recording" style="{timing}"></div>
    """


def render_clip(live: LivePicture, playing: bool) -> None:
    """Show the clip, if there is one. A recording ends with its stream."""
    recorder = page_session().recorder
    if recorder is not None and not playing:
        recorder.stop()
    page_session().shows_recording = recorder is not None and recorder.running
    if recorder is None or recorder.running:
        return
    live.recorder = None
    if not (webm := recorder.webm()):
        st.info("Nothing was recorded: no picture came.")
        return
    with st.container(key="clip"):
        st.video(webm, MIME)
        with st.container(horizontal=True):
            st.download_button("Download clip", webm, NAME, MIME, on_click="ignore", icon=":material/download:")
            st.button("Delete clip", on_click=_delete, icon=":material/delete:")


def pop_rerun_request() -> bool:
    """Whether the page must run: the recording that it shows has ended, or a clip is gone. True once for each."""
    recorder = page_session().recorder
    if recorder is not None and recorder.running and visitors_memory().held() >= visitors_memory().max_bytes:
        recorder.stop()
        st.toast(FULL)
    page = page_session()
    ended = page.shows_recording and not (recorder is not None and recorder.running)
    due = page.recording_is_gone or ended
    page.recording_is_gone, page.shows_recording = False, page.shows_recording and not ended
    return due


def _record(live: LivePicture) -> None:
    """Start a recording. It replaces the clip: a viewer has at most one."""
    _delete()
    try:
        visitors_memory().require(START_BYTES)
    except NoRoom as error:
        st.toast(str(error))
        return
    recorder = page_session().recorder = live.recorder = Recorder()
    visitors_memory().add(recorder)


def _delete() -> None:
    page = page_session()
    page.recording_is_gone, page.recorder = page.recorder is not None, None
