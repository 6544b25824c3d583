"""The stage: the place of the picture in every mode, of the same size before, while and after it is live.

Three layers lie on each other (page.css): a still picture, the streamer's video, and what one presses or drags on the
picture. They all take the largest rectangle of the picture's shape that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from colorfilter.catalog import FILTERS
from colorfilter.filters import PRESETS, Color, Filter
from colorfilter.page.components.compare_line import drag_line
from colorfilter.page.probe import tell_color
from colorfilter.page.session import Mode, page_session
from colorfilter.views.layout import grid
from colorfilter.views.options import View, ViewOptions

ReadColor = Callable[[float, float], Color | None]


def stage(size: tuple[int, int], options: ViewOptions, button: bool) -> DeltaGenerator:
    """Draw the stage for a picture of that size, (width, height) in pixels. Its layers go into it.

    With a `button`, a row is left for the streamer's under the picture, before the streamer itself has come.
    """
    box = size[0] / size[1]
    columns, rows = grid(len(options.sheet))
    picture = box * columns / rows if options.view == View.ALL else box
    row = "3.25rem" if button else "0px"
    shapes = f"--box: {box:.4f}; --still: {picture:.4f}; --row: {row}; --columns: {columns}; --rows: {rows};"
    st.html(f"<style>.st-key-stage {{ {shapes} }}</style>")
    return st.container(key="stage")


def show_still(show: Callable[[ViewOptions], bytes], options: ViewOptions) -> None:
    """Draw the still picture. `show` makes its file with the options of a picture that is not compared.

    In a comparison it is drawn twice, and the browser hides the filtered one left of the line: it moves at once.
    """
    name = options.color_filter.name.capitalize()
    options = replace(options, line=0.5, mirror=False)  # neither is seen, and `show` may remember what it made
    with st.container(key="still"):
        if options.view == View.ALL:
            names = ", ".join(one.name for one in options.sheet)
            st.image(show(options), width="stretch", alt=f"The picture through each of these filters: {names}")
            return
        filtered = replace(options, view=View.FILTER)
        if options.view == View.COMPARE:
            original = replace(filtered, color_filter=PRESETS["original"])
            st.image(show(original), width="stretch", alt="The picture as it came")
        st.image(show(filtered), width="stretch", alt=f"The picture through the filter {name}")


def controls(options: ViewOptions, on_move: Callable[[float], None], read: ReadColor, live: bool = False) -> None:
    """Draw what one drags or presses on the picture: the comparison's line, the sheet's tiles, or the cross.

    `read` gives the color of the picture at a place.
    """
    with st.container(key="over"):
        if options.view == View.COMPARE:
            drag_line(page_session().line, on_move)
        elif options.view == View.ALL:
            _tiles(options.sheet)
        elif st.session_state.get("probe"):
            tell_color(page_session().probe, read, options.color_filter, live)


def _tiles(filters: Sequence[Filter]) -> None:
    """The tiles as buttons. A press shows the picture through that filter alone."""
    with st.container(key="sheet"):
        for one in filters:
            st.button(one.name, f"tile_{one.name}", on_click=_leave_sheet, args=(one.name,), width="stretch")


def _leave_sheet(name: str) -> None:
    st.session_state.filter = name if name in FILTERS else "original"
    st.session_state.view = View.FILTER.value


# Why live video cannot come, by the word that components/reconnecting finds, and what is said.
OBSTACLES = {
    "insecure": "Browsers open the camera only for pages served over https or from localhost.",
    "camera": "No camera was found here.",
    "closed": "The camera does not open.",
    "blocked": "Live video does not come through from this network; the connection check below says more.",
}


def offer_instead(card: Callable[[], None] | None) -> None:
    """Offer file mode where live video cannot come, and the test card, if `card` takes it.

    It is always there and seldom seen: the browser knows when (page.css).
    """
    words = OBSTACLES if card else {"blocked": OBSTACLES["blocked"]}
    sentences = "".join(f'<span class="{word}">{sentence}</span>' for word, sentence in words.items())
    with st.container(key="instead"):
        st.html(f"<p>{sentences} File mode needs no live video, and keeps your filter and view.</p>")
        with st.container(horizontal=True):
            st.button(
                "Use file mode", "use_file_mode", on_click=_use_file_mode, type="primary", icon=":material/image:"
            )
            if card:
                st.button("Take the test card", on_click=card)


def _use_file_mode() -> None:
    st.session_state.mode = Mode.FILE.value
