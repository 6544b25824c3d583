"""A component of the page, made of the files in its folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

HERE = Path(__file__).parent
REGISTRY = HERE / "registry.js"


@cache
def page_component(
    name: str, html: str | None = None, helpers: tuple[str, ...] = (), registers: bool = True
) -> ComponentRenderer:
    """The component of the folder of that name, with NAME.js, and NAME.css if there is one. Call it to mount it.

    Streamlit gives the browser one module for each component, which can import no file: the registry, for one that
    `registers`, and the `helpers`, other scripts of the folder, stand before NAME.js in it. The style is the whole
    page's.
    """
    folder = HERE / name
    style = folder / f"{name}.css"
    scripts = [*([REGISTRY] if registers else []), *(folder / helper for helper in helpers), folder / f"{name}.js"]
    return st.components.v2.component(
        f"colorfilter_{name}",
        html=html,
        css=style.read_text(encoding="utf-8") if style.exists() else None,
        js="\n".join(script.read_text(encoding="utf-8") for script in scripts),
        isolate_styles=False,
    )


def ignore_change() -> None:
    """A callback that does nothing: Streamlit learns the names of a component's states by their callbacks."""
