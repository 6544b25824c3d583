"""Full screen: the stage and the colors alone."""

from __future__ import annotations

import streamlit as st

from colorfilter.page.components.page_component import page_component


def mount() -> None:
    """Have the buttons and the key act, in the browser alone."""
    page_component("full_screen")(key="full_screen_component")


def buttons() -> None:
    """Draw the button that shows the stage and the colors alone, and the one back; one of the two is seen."""
    st.button("Full screen", "full_screen", icon=":material/fullscreen:")
    st.button("Leave full screen", "leave_full_screen", icon=":material/fullscreen_exit:")
