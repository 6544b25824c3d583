"""The choice among several cameras, which only the browser knows."""

from __future__ import annotations

from colorfilter.page.components.page_component import page_component

WORDS = {"label": "Camera", "restart": "Starting again with the other camera …"}


def mount() -> None:
    """Draw the choice; nothing where there are fewer than two."""
    html = '<div class="camera-place"></div>'
    page_component("camera_choice", html)(key="camera_choice", data={"words": WORDS})
