"""Under the live picture: the last six snapshots, and a clip."""

from __future__ import annotations

import streamlit as st

from colorfilter.host.visitors_memory import NoRoom, visitors_memory
from colorfilter.live.picture import LivePicture
from colorfilter.live.snapshots import Snapshot, Snapshots
from colorfilter.page import recording
from colorfilter.page.components import booth, full_screen
from colorfilter.page.downloads import download_button
from colorfilter.page.session import page_session


@st.fragment
def render(live: LivePicture, playing: bool) -> None:
    """Draw the snapshots and the clip, in a fragment: a snapshot does not run the page again."""
    if recording.pop_rerun_request():
        st.rerun()
    snapshots = _snapshots()
    with st.container(horizontal=True, vertical_alignment="center", key="actions"):
        if playing:
            st.button("Snapshot", "snapshot", on_click=_take, args=(live, snapshots), icon=":material/photo_camera:")
            booth.choose_count_down()
            recording.record_button(live)
        full_screen.buttons()
        if snapshots.all:
            archive = "snapshots.zip", "application/zip"
            download_button("Download all", snapshots.zip, *archive, icon=":material/folder_zip:")
    recording.render_clip(live, playing)
    if snapshots.all:
        newest = snapshots.all[0]
        with st.container(
            key=f"newest_{newest.number}"
        ):  # not shown here: the booth shows it on the stage for a moment
            st.image(newest.large, alt="")
    with st.container(key="strip"):
        for snapshot in snapshots.all:
            with st.container(key=f"snapshot_{snapshot.number}", gap="xsmall"):
                _show_snapshot(snapshot, snapshots)


def _snapshots() -> Snapshots:
    page = page_session()
    if page.snapshots is None:
        page.snapshots = Snapshots()
        visitors_memory().add(page.snapshots)
    return page.snapshots


def _take(live: LivePicture, snapshots: Snapshots) -> None:
    frame = booth.frame_to_keep(live)
    if frame is None:
        st.toast("No picture came, so no snapshot was taken.")
        return
    try:
        visitors_memory().require(frame.width * frame.height * 3 // 2)
    except NoRoom as error:
        st.toast(str(error))
    else:
        snapshots.take(frame)


def _show_snapshot(snapshot: Snapshot, snapshots: Snapshots) -> None:
    number = snapshot.number
    st.image(snapshot.thumbnail, width="stretch", alt=f"Snapshot {number}, {snapshot.size} pixels")
    with st.container(horizontal=True, gap="xsmall"):
        file = snapshot.name, "image/png"
        download_button("Download", snapshot.png, *file, key=f"download_{number}", type="tertiary")
        st.button("Delete", f"delete_{number}", on_click=snapshots.delete, args=(number,), type="tertiary")
