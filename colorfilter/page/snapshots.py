"""Under the live picture: the last six snapshots, and a clip."""

from __future__ import annotations

import streamlit as st

from colorfilter.live.picture import LivePicture
from colorfilter.live.snapshots import Snapshot, Snapshots
from colorfilter.page import recording
from colorfilter.page.downloads import download_button


@st.fragment
def render(live: LivePicture, playing: bool) -> None:
    """A fragment: a snapshot does not run the page again."""
    if recording.pop_rerun_request():
        st.rerun()
    snapshots: Snapshots = st.session_state.setdefault("snapshots", Snapshots())
    with st.container(horizontal=True):
        if playing:
            st.button("Snapshot", on_click=_take, args=(live, snapshots), shortcut="S", icon=":material/photo_camera:")
            recording.record_button(live)
        if snapshots.all:
            archive = "snapshots.zip", "application/zip"
            download_button("Download all", snapshots.zip, *archive, icon=":material/folder_zip:")
    recording.render_clip(live, playing)
    with st.container(key="strip"):
        for snapshot in snapshots.all:
            with st.container(key=f"snapshot_{snapshot.number}", gap="xsmall"):
                _show_snapshot(snapshot, snapshots)


def _take(live: LivePicture, snapshots: Snapshots) -> None:
    frame = live.newest()
    if frame is not None:
        snapshots.take(frame)


def _show_snapshot(snapshot: Snapshot, snapshots: Snapshots) -> None:
    number = snapshot.number
    st.image(snapshot.thumbnail, width="stretch", alt=f"Snapshot {number}, {snapshot.size} pixels")
    with st.container(horizontal=True, gap="xsmall"):
        file = snapshot.name, "image/png"
        download_button("Download", snapshot.png, *file, key=f"download_{number}", type="tertiary")
        st.button("Delete", f"delete_{number}", on_click=snapshots.delete, args=(number,), type="tertiary")
