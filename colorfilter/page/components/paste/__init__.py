"""A file pasted anywhere in file mode: see paste.js. Streamlit's uploader takes one only where it has the focus."""

from __future__ import annotations

from colorfilter.page.components.page_component import page_component


def take_pasted_pictures(source: str) -> None:
    """Pass pasted pictures to the uploader, which the choice `source` of where the picture comes from shows."""
    page_component("paste")(key="paste", data={"source": source})
