"""The connection check: its advice, and the server's part of the facts that connection_check.js shows."""

from __future__ import annotations

import html
import json
import math

from colorfilter.page.components.page_component import page_component

HELPERS = ("facts.js", "check_panel.js")
WORDS = {
    "title": "Connection check",
    "asText": "Color Filter: connection check",
    "copy": "Copy as text",
    "copied": "Copied",
    "notCopied": "This browser does not let the page copy",
    "file": "Use file mode",
    "anyway": "File mode works anyway.",
    "yes": "ok",
    "no": "fails",
    "open": "not yet known",
    "none": "none yet",
    "way": "{} to {}",
}
# A line each, from the page to the frames that come back. The braces are for the kinds of candidates.
SENTENCES = {
    "secure": "The page is served over https or from localhost",
    "camera": "A camera is there and allowed",
    "server": "The page is connected to the server",
    "browser": "Ways out of this browser: {}",
    "host": "Ways out of the server: {}",
    "path": "The way between them: {}",
    "turn": "The way between them: {}",
    "arriving": "Frames arrive at the server",
    "coming": "Frames come back",
}
# What to do, by the first check that fails.
ADVICE = {
    "secure": "Open this page with https:// in front; browsers open the camera, and live video, only there.",
    "camera": "Plug a camera in and allow it, by the camera sign in the address bar; or take the test card.",
    "server": "This server cannot be reached at the moment. The page comes back by itself once it can.",
    "browser": "This browser finds no way out for video. Switch off what forbids WebRTC, an extension or a VPN.",
    "host": "The server has not answered, or offers no address for video. Its log says why; whoever runs it can help.",
    "path": "This network lets no direct video through, and this app has no TURN server that could pass it on. "
    "Try another network, such as a phone's, or switch off the VPN.",
    "turn": "Neither direct video nor the TURN server can be reached from this network. "
    "Try another network, such as a phone's, or switch off the VPN.",
    "arriving": "Your pictures do not arrive at the server. Stop, and start again; a slow network may need 480p.",
    "coming": "The filtered pictures do not come back. Stop, and start again; a slow network may need 480p.",
}
HTML = '<div class="check-place"></div>'
MAX_FRAME_AGE_S = 2.0  # seconds; frames that are older do not count as arriving


def facts(sends: bool, silent_for: float, trouble: str | None) -> dict[str, object]:
    """What this server knows: whether a camera is needed, whether frames arrive, and what its TURN server refused.

    `silent_for` is the seconds since the last frame, infinite before the first: then `arriving` is None.
    """
    return {
        "sends": sends,
        "arriving": None if math.isinf(silent_for) else silent_for < MAX_FRAME_AGE_S,
        "trouble": trouble,
    }


def element(known: dict[str, object]) -> str:
    """Invisible HTML that passes the facts to connection_check.js."""
    return f'<div class="facts" data-facts="{html.escape(json.dumps(known))}"></div>'


def mount() -> None:
    """Draw the check, folded."""
    data = {"words": WORDS, "sentences": SENTENCES, "advice": ADVICE}
    page_component("connection_check", HTML, HELPERS)(key="connection_check", data=data)
