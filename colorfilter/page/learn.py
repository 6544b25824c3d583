"""The page's section for learners: light, channels, filters, and the function itself, shown from its source."""

from __future__ import annotations

import inspect
from functools import cache

import streamlit as st

from colorfilter import filters
from colorfilter.catalog import FILTERS as FILTERS_BY_NAME
from colorfilter.filters import Picture, filter_image
from colorfilter.stills import drawing
from colorfilter.stills.png import write_png

# Pixels on the page, so that two wheels fit side by side on a phone; drawn at twice that size.
LIGHTS_SIZE, WHEEL_SIZE = 200, 136

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
EYES = """
    #### Eyes
    An eye has three kinds of **cones**, for long, middle and short waves of light: L, M and S. Most people who are
    called color-blind lack one kind, or have one that is shifted: **protan** the L cones, **deutan** the M cones,
    **tritan** the S cones. Colors that differ only in that cone's light look the same to them, as here:
"""
EYES_LIMITS = """
    The simulation shows which colors somebody confuses, for the mean of their kind, on this screen, to somebody with
    all cones. It cannot show what they call a color, what they have learned to see, or their own eyes.
    *Daltonize* moves what they do not see to light that they do see.
"""
CODE = """
    #### The code
    A color filter is three numbers too, its color: how much of each light it lets through. Yellow is (255, 255, 0).
    Each number of each pixel is multiplied by the filter's and divided by 255. This is the function that does it,
    in Python, as it runs here. `lookup_table` works the answer out for all of 0 to 255, and `cv2.LUT` looks it up:
"""


@st.fragment
def render() -> None:
    """Draw the section, folded. It is made when somebody opens it, which does not run the page again."""
    section = st.expander("Learn: light, channels, filters and eyes", key="learn", on_change="rerun")
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
    st.markdown(inspect.cleandoc(EYES))
    _wheels("protan", "deutan", "tritan")
    st.markdown(inspect.cleandoc(EYES_LIMITS))
    st.markdown(inspect.cleandoc(CODE))
    st.code(source(), "python", wrap_lines=True)


def _wheels(*names: str) -> None:
    with st.container(horizontal=True, gap="small"):
        for name in names:
            alt = f"The color wheel through a filter: {FILTERS_BY_NAME[name].describe()}"
            _picture(wheel_png(name), WHEEL_SIZE, alt, name.capitalize())


def _picture(png: bytes, width: int, alt: str, caption: str | None = None) -> None:
    """Show a picture at its own resolution. With a width, `st.image` would encode it again at each run."""
    with st.container(width=width):
        st.image(png, caption, "stretch", alt=alt)


@cache
def lights_png() -> bytes:
    """The three lights as PNG, with nothing around them."""
    return write_png(drawing.mixing_lights(2 * LIGHTS_SIZE))


@cache
def wheel_png(name: str) -> bytes:
    """The color wheel through the filter of that name as PNG, with nothing around it."""
    return write_png(filter_image(_wheel(), FILTERS_BY_NAME[name]))


@cache
def _wheel() -> Picture:
    return drawing.wheel(2 * WHEEL_SIZE)


@cache
def source() -> str:
    """The filter on a picture, as it stands in the source."""
    return "\n\n".join(inspect.getsource(function) for function in (filters.multiply, filters.lookup_table))
