"""What the system's file chooser offers: see file_chooser.js."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

FOLDER = Path(__file__).parent


def offer_in_file_chooser(suffixes: Iterable[str]) -> None:
    """Have the uploader's file chooser offer these alone, while the uploader takes more by drag and drop or paste."""
    component = st.components.v2.component(
        "colorfilter_file_chooser",
        css=(FOLDER / "file_chooser.css").read_text(encoding="utf-8"),
        js=(FOLDER / "file_chooser.js").read_text(encoding="utf-8"),
        isolate_styles=False,
    )
    component(key="file_chooser", data={"accept": ",".join(suffixes)})
