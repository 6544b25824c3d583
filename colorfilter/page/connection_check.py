"""The connection check: its own words, and what this server knows for connection_check.js."""

from __future__ import annotations

import html
import json
import math

# What to do about the first line that has a cross.
ADVICE = {
    "secure": "Open this page with https:// in front; browsers open the camera, and live video, only there.",
    "camera": "Plug a camera in and allow it, by the camera sign in the address bar; or take the test card.",
    "server": "This server cannot be reached at the moment. The page comes back by itself once it can.",
    "browser": "This browser finds no way out for video. Switch off what forbids WebRTC, an extension or a VPN.",
    "host": "The server offers no address for video. Its log says why; whoever runs it can help.",
    "path": "This network lets no direct video through, and this app has no TURN server that could pass it on. "
    "Try another network, such as a phone's, or switch off the VPN.",
    "turn": "Neither direct video nor the TURN server can be reached from this network. "
    "Try another network, such as a phone's, or switch off the VPN.",
    "arriving": "Your pictures do not arrive at the server. Stop, and start again; a slow network may need 480p.",
    "coming": "The filtered pictures do not come back. Stop, and start again; a slow network may need 480p.",
}
FRESH = 2.0  # seconds within which a frame has come, if frames come


def facts(sends: bool, silent_for: float, trouble: str | None) -> dict[str, object]:
    """What this server knows: whether a camera is needed, whether frames arrive, and what its TURN server refused.

    `silent_for` is the seconds since the last frame, infinite before the first: then `arriving` is None.
    """
    return {"sends": sends, "arriving": None if math.isinf(silent_for) else silent_for < FRESH, "trouble": trouble}


def element(known: dict[str, object]) -> str:
    """HTML that shows nothing and hands the facts to connection_check.js."""
    return f'<div class="facts" data-facts="{html.escape(json.dumps(known))}"></div>'


PLACE = '<div class="check-place"></div>'
