"""A file pasted anywhere in file mode: see paste.js. Streamlit's uploader takes one only where it has the focus."""

from __future__ import annotations

from colorfilter.page.components.page_component import page_component


def take_pasted_pictures(source: int) -> None:
    """Pass pasted files to the uploader, which the choice at place `source` of where the file comes from shows."""
    page_component("paste")(key="paste", data={"source": source})
