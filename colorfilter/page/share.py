"""Sharing: the link to what one sees, the browser's own share sheet, and a QR code of the link for the class room."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import segno
import streamlit as st

from colorfilter.page.components.share_sheet import share_sheet

QUIET_ZONE = 4  # modules around a QR code (ISO/IEC 18004)
WHAT = "This link opens with what you see now: the filter, its strength, the view and the mirror."


def render(chosen: Mapping[str, object], usual: Mapping[str, object]) -> None:
    """Draw the button, which opens a dialog.

    The page runs again for that. In a run of a fragment Streamlit would put the dialog in the place of a style that
    stands after the fragment.
    """
    if st.button("Share", "share", icon=":material/share:", width="stretch"):
        _dialog(link(st.context.url or "", chosen, usual))


def link(page: str, chosen: Mapping[str, object], usual: Mapping[str, object]) -> str:
    """The page's address with what is chosen, without what is usual."""
    words = {key: str(value).lower() for key, value in chosen.items() if value != usual[key]}
    return f"{page}{'?' if words else ''}{urlencode(words)}"


def qr_code(words: str) -> str | None:
    """A QR code as SVG, black on white; None where the words are too long for one."""
    try:
        code = segno.make(words, error="m", micro=False)
    except segno.DataOverflowError:
        return None
    return str(code.svg_inline(border=QUIET_ZONE, light="#fff", omitsize=True))


@st.dialog("Share")
def _dialog(address: str) -> None:
    st.caption(WHAT)
    st.code(address, language=None, wrap_lines=True)
    share_sheet(address)
    if code := qr_code(address):
        with st.container(key="qr_code"):
            st.image(code, width="stretch", alt="A QR code of the link")
        st.caption("In the class room, a phone's camera opens the link from this code on the screen.")
