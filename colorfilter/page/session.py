"""What the page remembers of one visitor from run to run, beside what its widgets hold under their own keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import streamlit as st

from colorfilter.host.visitors_memory import Holder
from colorfilter.live.picture import LivePicture
from colorfilter.live.recorder import Recorder
from colorfilter.live.snapshots import Snapshots
from colorfilter.page.components.compare_line import Line
from colorfilter.page.probe import Probe
from colorfilter.page.uploaded_clip import UploadedClip
from colorfilter.stills.photo import Photo
from colorfilter.views.options import ViewOptions
from colorfilter.webrtc.ice.servers import IceConfig


class Mode(StrEnum):
    """What the page shows: live video, or one picture or clip. Links say it by these words."""

    LIVE = "live"
    FILE = "file"


@dataclass
class PageSession:
    """One visitor's page. `None` is what has not come yet, or is gone."""

    unknown_choices: list[str] | None = None  # sentences about the link, once it was read
    last_filters: dict[str, str] = field(default_factory=dict)  # of each group of the selector
    filter_before_group: str | None = None  # the last press on a group took its place
    line: Line = field(default_factory=Line)
    probe: Probe = field(default_factory=Probe)

    download: Holder | None = None  # what Streamlit keeps of the last press

    # Live
    picture: LivePicture | None = None
    still_options: ViewOptions | None = None  # how the sample is shown that the video covers
    refused: bool = False  # and counted so
    ice: IceConfig | None = None
    turn_trouble: str | None = None
    connecting_since: float | None = None  # seconds of time.monotonic
    snapshots: Snapshots | None = None
    recorder: Recorder | None = None
    shows_recording: bool = False
    recording_is_gone: bool = False

    # File
    shot: Photo | None = None  # from the camera
    shots: int = 0  # each has a camera of its own, for the old one keeps its photo
    upload: Photo | None = None
    clip: UploadedClip | None = None  # instead of an uploaded photo
    upload_id: str | None = None  # Streamlit's, of the file that `upload` or `clip` was read from


def page_session() -> PageSession:
    """The session of the visitor whose script runs."""
    session: PageSession = st.session_state.setdefault("page", PageSession())
    return session
