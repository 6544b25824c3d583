"""A picture pasted anywhere in photo mode: see paste.js. Streamlit's uploader takes one only where it has the focus."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parent


def take_pasted_pictures(source: str) -> None:
    """Pass pasted pictures to the uploader, which the choice `source` of where the picture comes from shows."""
    component = st.components.v2.component(
        "colorfilter_paste",
        css=(FOLDER / "paste.css").read_text(encoding="utf-8"),
        js=(FOLDER / "paste.js").read_text(encoding="utf-8"),
        isolate_styles=False,
    )
    component(key="paste", data={"source": source})
