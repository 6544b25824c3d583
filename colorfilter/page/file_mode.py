"""The page's file mode: one picture or clip, from the camera, a file or the sample, in every view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from pathlib import PurePath
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from colorfilter.clips.facts import may_be_clip
from colorfilter.clips.options import ClipError
from colorfilter.host.settings import settings
from colorfilter.host.streamlit_internals import option
from colorfilter.host.visitors_memory import NoRoom, visitors_memory
from colorfilter.host.worker_pool import Crash, TooLong, page_workers
from colorfilter.page import clip_mode, stage
from colorfilter.page.components import full_screen, own_tab
from colorfilter.page.components.file_chooser import offer_in_file_chooser
from colorfilter.page.components.paste import take_pasted_pictures
from colorfilter.page.downloads import download_button
from colorfilter.page.sample import sample_photo
from colorfilter.page.session import page_session
from colorfilter.page.uploaded_clip import UploadedClip, read_clip
from colorfilter.stills.decode import MAX_BYTES, MEGA, PictureError
from colorfilter.stills.heif import HEIF_SUFFIXES
from colorfilter.stills.photo import MAX_SMALL_BYTES, Photo, read_small
from colorfilter.stills.pipeline import render_still
from colorfilter.views.histogram import histograms
from colorfilter.views.options import ViewOptions

T = TypeVar("T")

SENTENCES: dict[type[Exception], str] = {
    Crash: "The file is damaged.",
    TooLong: "This file takes too long to read. Take a smaller one.",
    MemoryError: "This server has no memory for such a file at the moment. Take a smaller one.",
}
# The first three are sentences themselves.
REFUSALS: tuple[type[Exception], ...] = (PictureError, ClipError, NoRoom, *SENTENCES)
SUFFIXES = [".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".tif", ".tiff", ".gif"]
CLIP_SUFFIXES = [".mp4", ".m4v", ".mov", ".mkv", ".webm"]
UPLOAD = "Upload"
UPLOAD_LABEL = (
    "A picture (PNG, JPEG, WebP, BMP, TIFF, GIF) or a clip (MP4, MOV, MKV, WebM, animated GIF or WebP): "
    "choose it, drop it here, or paste it anywhere on this page"
)


def render(options: ViewOptions, scope: bool, picture: DeltaGenerator, below: DeltaGenerator) -> None:
    """Show the chosen file with these options in `picture`, and `below` its download and, if `scope`, its scope."""
    with picture:
        on_stage, under = st.container(), st.container()
        choose = st.segmented_control(
            "Picture", list(SOURCES), default="Sample", required=True, key="picture_from", label_visibility="collapsed"
        )
        if choose != "Sample":
            own_tab.offer_for_uploads()
        take_pasted_pictures(list(SOURCES).index(UPLOAD))
        if choose != UPLOAD:
            forget_clip()
        chosen = _guarded(SOURCES[choose or "Sample"])
    if isinstance(chosen, UploadedClip):
        clip_mode.render(chosen, options, scope, (on_stage, under, below), _guarded)
    else:
        _render_photo(chosen, options, scope, on_stage, below)
    with below:
        st.caption(
            "A file goes to this server, through the filter, and back to you. "
            "It is handled in memory, for you alone, and forgotten after you leave this page."
        )


def _render_photo(
    photo: Photo | None, options: ViewOptions, scope: bool, on_stage: DeltaGenerator, below: DeltaGenerator
) -> None:
    if photo:
        with on_stage, stage.stage((photo.width, photo.height), options, button=False):
            stage.show_still(photo.view, options)
            stage.controls(options, _ignore, photo.color_at)
    with below:
        if photo:
            _downloads(photo, options)
            if scope:
                st.html(histograms(photo.sample, options.color_filter).html())


def _guarded(read: Callable[[], T]) -> T | None:
    """What is read of a visitor's file, or a sentence that says why there is nothing."""
    try:
        return read()
    except REFUSALS as error:
        st.error(_sentence(error))
    return None


def _sentence(error: BaseException) -> str:
    return next((words for kind, words in SENTENCES.items() if isinstance(error, kind)), str(error))


def _ignore(share: float) -> None:
    """The line's place is read when the picture is downloaded."""


def _downloads(photo: Photo, options: ViewOptions) -> None:
    line = page_session().line

    def png() -> bytes:
        try:
            return page_workers().call(render_still, photo.data, replace(options, line=line.share))
        except REFUSALS as error:
            raise PictureError(_sentence(error)) from None  # the button shows it

    with st.container(horizontal=True, vertical_alignment="center", key="actions"):
        file_name = f"{photo.name}-{options.file_part}.png"
        download_button("Download PNG", png, file_name, "image/png", icon=":material/download:")
        if photo is page_session().shot:
            st.button("Retake", on_click=_retake, icon=":material/photo_camera:")
        full_screen.buttons()
        st.markdown(f"{photo.size} pixels", width="content")


# ---- Where the file comes from ------------------------------------------------------------------------------


def _from_camera() -> Photo | None:
    """Return the photo, or show the camera until there is one. The camera is open as long as it is drawn."""
    page = page_session()
    if page.shot is None:
        camera = f"camera_{page.shots}"
        shot = st.camera_input("Camera", key=camera, resolution="1080p", label_visibility="collapsed")
        if shot is None:
            return None
        page.shot = _read("photo", shot.getvalue())
        st.rerun()
    return page.shot


def _retake() -> None:
    page = page_session()
    page.shot = None
    page.shots += 1


def _from_file() -> Photo | UploadedClip | None:
    """The uploaded picture or clip, decoded once."""
    # HEIF is taken so that its refusal says what to do.
    kinds = [*SUFFIXES, *CLIP_SUFFIXES, *sorted(HEIF_SUFFIXES)]
    file = st.file_uploader(UPLOAD_LABEL, kinds, key="file", max_upload_size=_largest_upload())
    offer_in_file_chooser([*SUFFIXES, *CLIP_SUFFIXES])
    page = page_session()
    if file is None or page.upload_id != file.file_id:
        forget_clip()
        page.upload = page.upload_id = None
    if file is not None and page.upload_id is None:
        data = file.getvalue()
        page.clip = read_clip(PurePath(file.name).stem, data) if may_be_clip(file.name, data) else None
        page.upload = None if page.clip else _read(PurePath(file.name).stem, data)
        page.upload_id = file.file_id
    return page.clip or page.upload


def _largest_upload() -> int:
    """Megabytes. Streamlit takes no more than its own option says, and its uploads above that would be in files."""
    largest = max(MAX_BYTES // MEGA, ceil(settings().max_clip_mb))
    return min(largest, int(option("server.maxUploadSize") or largest))


def forget_clip() -> None:
    """Drop the visitor's clip, and end its making. The uploader that is not drawn forgets its file too."""
    page = page_session()
    if page.clip is not None:
        page.clip.drop()
        page.clip = page.upload_id = None
        for slider in ("clip_second", "clip_kept"):
            st.session_state.pop(slider, None)


def _read(name: str, data: bytes) -> Photo:
    """A visitor's picture, decoded in a process of its own: a file may be made to crash or hold up its decoder."""
    visitors_memory().require(len(data) + MAX_SMALL_BYTES)
    photo = Photo(name, data, *page_workers().call(read_small, data))
    visitors_memory().add(photo)
    return photo


SOURCES: dict[str, Callable[[], Photo | UploadedClip | None]] = {
    "Sample": sample_photo,
    "Take a photo": _from_camera,
    UPLOAD: _from_file,
}
