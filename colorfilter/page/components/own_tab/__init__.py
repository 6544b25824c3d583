"""What a page cannot do inside another site's, and the link that opens it in a tab of its own."""

from __future__ import annotations

from colorfilter.host.streamlit_internals import uploads_cookie
from colorfilter.page.components.page_component import page_component

UPLOADS = "Inside another site's page the browser blocks this app's cookie, so you cannot upload files here."
CAMERA = "The site around this page does not let it use the camera."
OPEN = "Open Color Filter in its own tab"
HTML = f"""
    <p class="own-tab" role="status" hidden><span></span> <a target="_blank" rel="noopener">{OPEN}</a></p>
"""


def offer_for_uploads() -> None:
    """Draw the link where the browser sends no cookie with an upload."""
    _mount(UPLOADS, cookie=uploads_cookie())


def offer_for_camera() -> None:
    """Draw the link where the camera is forbidden from outside."""
    _mount(CAMERA, camera=True)


def _mount(sentence: str, **needs: object) -> None:
    page_component("own_tab", HTML, registers=False)(key="own_tab", data={"sentence": sentence, **needs})
