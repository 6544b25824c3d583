"""What the system's file chooser offers: see file_chooser.js."""

from __future__ import annotations

from collections.abc import Iterable

from colorfilter.page.components.page_component import page_component


def offer_in_file_chooser(suffixes: Iterable[str]) -> None:
    """Have the uploader's file chooser offer these alone, while the uploader takes more by drag and drop or paste."""
    page_component("file_chooser")(key="file_chooser", data={"accept": ",".join(suffixes)})
