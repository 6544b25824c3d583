"""The sample picture, which is seen before the start and in file mode: the test card, through any filter."""

from __future__ import annotations

from functools import cache, lru_cache

import streamlit as st

from colorfilter.filters import Picture
from colorfilter.stills import drawing
from colorfilter.stills.photo import Photo, encode_for_screen, read_small
from colorfilter.stills.png import write_png
from colorfilter.views.options import ViewOptions
from colorfilter.views.still import render_image

MAX_KEPT = 32  # pictures of some 50 KB


@cache
def sample(width: int, height: int) -> Picture:
    """The sample in that size, RGB uint8 (height, width, 3)."""
    return drawing.card(width, height)


@lru_cache(MAX_KEPT)
def sample_for_screen(size: tuple[int, int], options: ViewOptions) -> bytes:
    """The sample of that size, (width, height) in pixels, as seen with these options: a file for the screen."""
    return encode_for_screen(render_image(sample(*size), options), optimize=True)


@st.cache_resource
def sample_photo() -> Photo:
    """The sample as a visitor's photo."""
    data = write_png(drawing.card(1920, 1080))
    return Photo("sample", data, *read_small(data))
