"""The page's section for learners: light, channels, filters, and the function itself, shown from its source."""

from __future__ import annotations

import inspect
from functools import cache

import streamlit as st

from colorfilter import filters
from colorfilter.filters import PRESETS, Picture, filter_image
from colorfilter.stills import drawing
from colorfilter.stills.png import write_png

LIGHTS_SIZE, WHEEL_SIZE = 200, 136  # pixels of the page, two wheels beside each other on a phone; drawn at twice that

LIGHT = """
    #### Light
    A screen makes every color from three lights: **red**, **green** and **blue**. Where lights meet, they add up:
    red and green make **yellow**, green and blue make **cyan**, blue and red make **pink**.
    All three make **white**. No light at all is **black**.
"""
CHANNELS = """
    #### Channels
    A picture is made of tiny squares, its **pixels**. A pixel is three numbers: how much red, green and blue light
    it has, each from 0 (none) to 255 (all). All the red numbers of a picture are its red **channel**.
    Here is the color wheel, and each of its channels alone:
"""
FILTERS = """
    #### Filters
    A color filter lets some light through and stops the rest. The red, green and blue filters keep one channel, as
    above. Yellow, pink and cyan keep two. What is black here had only light that the filter stops:
"""
CODE = """
    #### The code
    A filter is three numbers too, its color: how much of each light it lets through. Yellow is (255, 255, 0).
    Each number of each pixel is multiplied by the filter's and divided by 255. This is the function that does it,
    in Python, as it runs here. `_table` works the answer out for all of 0 to 255, and `cv2.LUT` looks it up:
"""


@st.fragment
def render() -> None:
    """The section, folded. Until it is opened nothing of it is made, and to open it does not run the page again."""
    section = st.expander("Learn: light, channels and filters", key="learn", on_change="rerun")
    if section.open:
        with section:
            _lesson()


def _lesson() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        alt = (
            "Three discs of light overlap: red and green give yellow, green and blue cyan, blue and red pink, all white"
        )
        _picture(lights_png(), LIGHTS_SIZE, alt)
        with st.container(width=420):
            st.markdown(inspect.cleandoc(LIGHT))
    st.markdown(inspect.cleandoc(CHANNELS))
    _wheels("original", "red", "green", "blue")
    st.markdown(inspect.cleandoc(FILTERS))
    _wheels("yellow", "pink", "cyan")
    st.markdown(inspect.cleandoc(CODE))
    st.code(source(), "python", wrap_lines=True)


def _wheels(*names: str) -> None:
    with st.container(horizontal=True, gap="small"):
        for name in names:
            alt = f"The color wheel through a filter: {PRESETS[name].describe()}"
            _picture(wheel_png(name), WHEEL_SIZE, alt, name.capitalize())


def _picture(png: bytes, width: int, alt: str, caption: str | None = None) -> None:
    """A picture that is as fine as it was drawn: told a width, `st.image` would make it anew at each run."""
    with st.container(width=width):
        st.image(png, caption, "stretch", alt=alt)


@cache
def lights_png() -> bytes:
    """The three lights as PNG, with nothing around them."""
    return write_png(drawing.mixing_lights(2 * LIGHTS_SIZE))


@cache
def wheel_png(name: str) -> bytes:
    """The color wheel through the preset of that name as PNG, with nothing around it."""
    return write_png(filter_image(_wheel(), PRESETS[name]))


@cache
def _wheel() -> Picture:
    return drawing.wheel(2 * WHEEL_SIZE)


@cache
def source() -> str:
    """The filter on a picture, as it stands in the source."""
    return "\n\n".join(inspect.getsource(function) for function in (filter_image, filters._table))
