"""The shape of the video that lies on the stage, and why there is none, for the page's style sheet."""

from __future__ import annotations

from colorfilter.page.components.page_component import page_component


def mount() -> None:
    """Keep telling them."""
    page_component("stage_shape")(key="stage_shape")
