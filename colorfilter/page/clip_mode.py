"""A clip on the page: one frame of it in every view, the part that is kept, and its making."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from colorfilter.clips.options import ClipOptions
from colorfilter.page import clip_making, stage
from colorfilter.page.components import full_screen
from colorfilter.page.session import page_session
from colorfilter.page.uploaded_clip import UploadedClip
from colorfilter.stills.photo import Photo
from colorfilter.views.histogram import histograms
from colorfilter.views.options import View, ViewOptions

STEP_S = 0.1
PRESET = "veryfast"  # beside the live video, half the time of "medium" is worth a tenth of the size
Guard = Callable[[Callable[[], Photo | None]], Photo | None]


def render(
    clip: UploadedClip,
    options: ViewOptions,
    scope: bool,
    places: tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator],
    guard: Guard,
) -> None:
    """Draw the clip in the `places`: the stage's, the one under it, and below. `guard` says why there is no frame."""
    on_stage, under, below = places
    with under:
        second, kept = _choose_seconds(clip)
        frame = guard(lambda: clip.show(second))
    with below:
        with st.container():
            clip_making.render(clip, _clip_options(options, kept))
        with st.container(horizontal=True, vertical_alignment="center", key="actions"):
            full_screen.buttons()
            st.markdown(_words(clip), width="content")
        if frame and scope:
            st.html(histograms(frame.sample, options.color_filter).html())
    if frame is None:
        return

    def line_moved(share: float) -> None:
        """The line moves without a run of the page, and what was made may not fit it any more."""
        fits = clip.made is None or clip.made_with == _clip_options(options, kept)
        if clip.job is None and fits != clip.seen_to_fit:
            st.rerun()

    with on_stage, stage.stage((frame.width, frame.height), options, button=False):
        stage.show_still(frame.view, options)
        stage.controls(options, line_moved, frame.color_at)


def _choose_seconds(clip: UploadedClip) -> tuple[float, tuple[float, float | None] | None]:
    """The second that is seen, and the first and last that are kept; no last one is the end, None is nothing."""
    length = round(clip.facts.seconds, 1)
    if length <= STEP_S:
        return 0.0, (0.0, None)
    seconds: dict[str, Any] = {"step": STEP_S, "format": "%.1f s"}
    seen: float = st.slider("Show the frame at", 0.0, length, 0.0, key="clip_second", **seconds)
    start, end = st.slider("Keep from and to", 0.0, length, (0.0, length), key="clip_kept", **seconds)
    if end <= start:
        st.info("Nothing is kept: move the two ends apart.")
        return seen, None
    return seen, (start, None if end >= length else end)


def _clip_options(options: ViewOptions, kept: tuple[float, float | None] | None) -> ClipOptions | None:
    """How the clip is made. Where the line is counts only in a comparison."""
    if kept is None:
        return None
    line = page_session().line.share if options.view == View.COMPARE else ViewOptions.line
    view = replace(options, mirror=False, line=line)
    return ClipOptions(view, kept[0], kept[1], preset=PRESET, salvage=True)


def _words(clip: UploadedClip) -> str:
    facts = clip.facts
    size = f"{facts.width} × {facts.height} pixels"
    return f"{size}, {facts.seconds:.1f} s" if facts.seconds else size
