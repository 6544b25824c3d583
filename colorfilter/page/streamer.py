"""The camera and the words of the streamer, which is streamlit-webrtc's component."""

from __future__ import annotations

from typing import Any

from colorfilter.live.source import RESOLUTIONS

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
