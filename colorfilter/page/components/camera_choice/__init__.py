"""The choice among several cameras, which only the browser knows."""

from __future__ import annotations

from colorfilter.page.components.page_component import page_component


def mount() -> None:
    """Draw the choice; nothing where there are fewer than two."""
    page_component("camera_choice", '<div class="camera-place"></div>')(key="camera_choice")
