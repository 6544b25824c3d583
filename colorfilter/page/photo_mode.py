"""The page's photo mode: one picture, from the camera, a file or the sample, in every view."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import PurePath

import streamlit as st

from colorfilter.page.downloads import download_button
from colorfilter.page.view_widgets import choose_line, choose_one_of_six
from colorfilter.stills import drawing
from colorfilter.stills.decode import MAX_BYTES, MEGA, PictureError
from colorfilter.stills.photo import Photo
from colorfilter.stills.png import write_png
from colorfilter.views.histogram import histograms
from colorfilter.views.options import ViewOptions

ENDINGS = ["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif"]


def render(options: ViewOptions, scope: bool) -> None:
    """Choose a picture, and see it as chosen, and its scope if that is wanted."""
    choose = st.segmented_control(
        "Picture", list(SOURCES), default="Sample", required=True, key="picture_from", label_visibility="collapsed"
    )
    try:
        photo = SOURCES[choose or "Sample"]()
    except PictureError as error:
        st.error(str(error))
    except MemoryError:
        st.error("This server has no memory for such a picture at the moment. Take a smaller one.")
    else:
        if photo:
            _view(photo, options)
            _downloads(photo, options)
            if scope:
                st.html(histograms(photo.sample, options.color_filter).html())
    st.caption(
        "A picture goes to this server, through the filter, and back to you. "
        "It is handled in memory, for you alone, and forgotten after you leave this page."
    )


def _view(photo: Photo, options: ViewOptions) -> None:
    name = options.color_filter.name.capitalize()
    if options.view == "compare":
        words = f"The picture as it came left of a line, and through the filter {name} right of it"
        st.image(photo.view(options), width="stretch", alt=words)
        choose_line()
    elif options.view == "all six":
        st.image(photo.view(options), width="stretch", alt="The picture through each of the six filters")
        choose_one_of_six()
    else:
        original, filtered = st.columns(2)
        original.image(photo.original, "Original", "stretch", alt="The picture as it came")
        filtered.image(photo.view(options), name, "stretch", alt=f"The picture through the filter {name}")


def _downloads(photo: Photo, options: ViewOptions) -> None:
    shown = options.view if options.view == "all six" else options.color_filter.name.lstrip("#")
    with st.container(horizontal=True, vertical_alignment="center"):
        file_name = f"{photo.name}-{shown.replace(' ', '-')}.png"
        png = partial(photo.png, options)
        download_button("Download PNG", png, file_name, "image/png", icon=":material/download:")
        if "photo" in st.session_state and photo is st.session_state.photo:
            st.button("Retake", on_click=_retake, icon=":material/photo_camera:")
        st.markdown(f"{photo.size} pixels", width="content")


# ---- Where the picture comes from ------------------------------------------------------------------------------


def _from_camera() -> Photo | None:
    """The photo, or the camera as long as there is none: it is open for exactly as long as it is rendered."""
    if "photo" not in st.session_state:
        shots = st.session_state.setdefault("shots", 0)  # a new key makes a new camera: the old one keeps its photo
        shot = st.camera_input("Camera", key=f"camera_{shots}", resolution="1080p", label_visibility="collapsed")
        if shot is None:
            return None
        st.session_state.photo = Photo.read("photo", shot.getvalue())
        st.rerun()
    photo: Photo = st.session_state.photo
    return photo


def _retake() -> None:
    del st.session_state.photo
    st.session_state.shots += 1


def _from_file() -> Photo | None:
    """The uploaded picture, decoded once."""
    file = st.file_uploader("PNG, JPEG, WebP, BMP, TIFF or GIF", ENDINGS, key="file", max_upload_size=MAX_BYTES // MEGA)
    if file is None:
        st.session_state.pop("upload", None)
        return None
    if st.session_state.get("upload", ("",))[0] != file.file_id:
        st.session_state.upload = file.file_id, Photo.read(PurePath(file.name).stem, file.getvalue())
    photo: Photo = st.session_state.upload[1]
    return photo


@st.cache_resource
def _sample() -> Photo:
    return Photo.read("sample", write_png(drawing.card(1920, 1080)))


SOURCES: dict[str, Callable[[], Photo | None]] = {
    "Sample": _sample,
    "Take a photo": _from_camera,
    "Upload": _from_file,
}
