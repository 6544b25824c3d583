"""The camera, the words and the looks of the streamer, which is streamlit-webrtc's component."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from colorfilter.live.source import RESOLUTIONS

HERE = Path(__file__).parent

TRANSLATIONS = {
    "start": "Start camera",
    "stop": "Stop",
    "select_device": "Choose camera",
    "turn_camera_on": "Show the picture",
    "turn_camera_off": "Pause the picture",
    "select_camera": "Choose camera",
    "device_ask_permission": "Please let this page use your camera.",
    "device_not_available": "No camera can be opened",
    "device_access_denied": "The camera is refused",
    "media_api_not_available": "This browser offers no camera to a page that is not served over https.",
}

START_CARD = "Start test card"

VIDEO_ATTRIBUTES: dict[str, Any] = {
    "autoPlay": True,
    "controls": False,
    "muted": True,
    "playsInline": True,  # iPhones would open the video full screen
    "style": {"width": "100%", "height": "100%", "objectFit": "contain", "background": "#000"},
}


def camera_constraints(resolution: str) -> dict[str, Any]:
    """Media constraints: a camera near that resolution, the front one if there are two, and no microphone.

    All are ideal values and no limits, so that a small camera gives what it has.
    """
    width, height = RESOLUTIONS[resolution]
    video = {
        "width": {"ideal": width},
        "height": {"ideal": height},
        "frameRate": {"ideal": 30},
        "facingMode": {"ideal": "user"},
    }
    return {"video": video, "audio": False}


# The streamer shows an error of the camera as "name: message", in the browser's words. These are ours.
CAMERA_ERRORS = {
    "NotAllowedError": (
        "Camera refused",
        "this page may not use it. Press the camera sign in the address bar, allow the camera, and start again.",
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
    "TypeError": ("No camera here", "browsers open it only for pages served over https or from localhost."),
}


def page_script() -> str:
    """HTML with the page's scripts. They make the streamer, in its iframe, look and speak like the page.

    They also start a video again that has died or whose source has changed.
    """
    buttons = {"start": [TRANSLATIONS["start"], START_CARD], "stop": TRANSLATIONS["stop"]}
    called = {
        "degradation.js": None,
        "stage.js": None,
        "camera_choice.js": None,
        "full_screen.js": None,
        "booth.js": None,
        "keys.js": None,
        "streamer.js": CAMERA_ERRORS,
        "reconnect.js": buttons,
    }
    calls = [f"({(HERE / name).read_text(encoding='utf-8')})({json.dumps(given)});" for name, given in called.items()]
    return f"<script>{' '.join(calls)}</script>"


# Behind a load balancer (deploy/haproxy/haproxy.cfg) a cookie keeps the page on its replica. Without it, the page that
# is loaded again comes to one with room.
ELSEWHERE = """
<script>
  if (/(^|; )replica=/.test(document.cookie)) {
    document.cookie = "replica=; path=/; max-age=0";
    location.reload();
  }
</script>
"""
