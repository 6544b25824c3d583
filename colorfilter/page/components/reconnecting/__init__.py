"""Starts a stream again that died or whose source has changed, and says so."""

from __future__ import annotations

from colorfilter.page.components.page_component import page_component


def mount() -> None:
    """Keep watching the stream."""
    page_component("reconnecting")(key="reconnecting")
