"""Downloads that are made when they are pressed, and kept until the browser has fetched them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from colorfilter.host.streamlit_internals import current_run_context, keep_download
from colorfilter.host.visitors_memory import visitors_memory
from colorfilter.page.session import page_session


@dataclass(eq=False)
class Download:
    """The file of the last press, which Streamlit keeps."""

    held_bytes: int


def download_button(label: str, make: Callable[[], bytes], file_name: str, mime: str, **options: Any) -> None:
    """Draw a button that calls `make` when it is pressed and downloads the result. The page does not run again."""
    st.download_button(label, _kept(make, file_name, mime), file_name, mime, on_click="ignore", **options)


def _kept(make: Callable[[], bytes], file_name: str, mime: str) -> Callable[[], bytes]:
    """Wrap `make` so that its file stays in memory for this visitor until the page runs again or makes the next one.

    Streamlit frees the file of a press once any scripts, other visitors' too, have run twice. With ten live viewers,
    whose status runs each second, a browser 200 ms away has not asked for the file by then. Streamlit keeps equal
    files only once, so a second, equal one that belongs to this session keeps the first.
    """
    visitor, page = current_run_context(), page_session()
    page.download = None

    def make_and_keep() -> bytes:
        data = make()
        page.download = None
        visitors_memory().require(len(data))
        page.download = Download(len(data))
        visitors_memory().add(page.download)
        keep_download(data, mime, file_name, visitor)
        return data

    return make_and_keep
