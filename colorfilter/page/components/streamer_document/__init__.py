"""All that reaches into the streamer's document: its looks, the words of camera errors, the camera, the connection.

The document is streamlit-webrtc's and may change with a release; docs/architecture.md lists what is taken from it.
"""

from __future__ import annotations

from pathlib import Path

from colorfilter.page import streamer
from colorfilter.page.components.page_component import page_component

# The streamer shows an error of the camera as "name: message", in the browser's words. These are ours.
CAMERA_ERRORS = {
    "NotAllowedError": (
        "Camera refused",
        "this page may not use it. Press the camera sign in the address bar, allow the camera, and start again. "
        "If it is allowed there, allow the browser to use it in the system's privacy settings.",
    ),
    "NotFoundError": (
        "No camera",
        "none was found. Plug one in or switch it on, and start again; or take the test card.",
    ),
    "NotReadableError": (
        "Camera busy",
        "it is there but does not open. Close other programs and tabs that use it, and start again.",
    ),
    "AbortError": ("Camera stopped", "it failed while it was opened. Plug it in again, and start again."),
    "SecurityError": ("Camera blocked", "this browser's settings forbid it. Allow cameras there, and start again."),
    "OverconstrainedError": (
        "No such camera",
        "none gives such a picture. Choose another resolution, and start again.",
    ),
    "InvalidStateError": ("Page not in front", "browsers open a camera only for a page that is seen. Start it again."),
    "TypeError": ("No camera here", "browsers open it only for pages served over https or from localhost."),
}

STYLE = Path(__file__).with_name("inside.css")
HELPERS = ("streamer_state.js", "degradation.js", "cover.js")


def mount() -> None:
    """Attach it to the streamer, whenever that comes."""
    data = {
        "style": STYLE.read_text(encoding="utf-8"),
        "start": [streamer.TRANSLATIONS["start"], streamer.START_CARD],
        "stop": streamer.TRANSLATIONS["stop"],
        "errors": CAMERA_ERRORS,
        "startingAgain": "Starting again at {}p …",
    }
    page_component("streamer_document", helpers=HELPERS)(key="streamer_document", data=data)
