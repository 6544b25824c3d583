"""The steps that change aiortc and streamlit-webrtc, each test of them in a process of its own."""

import subprocess
import sys

import pytest

from colorfilter.webrtc.congestion_control import START_BITRATE


def installed(before, after):
    """What `after` prints in a process that ran `before` and then `install`, and what that logged."""
    script = f"import aiortc, streamlit_webrtc.relay, streamlit_webrtc.webrtc\n{before}\n"
    script += f"from colorfilter import webrtc\nwebrtc.install()\nwebrtc.install()\n{after}"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return ran.stdout.split(), [line for line in ran.stderr.splitlines() if "live engine" in line]


STATE = """
print(streamlit_webrtc.webrtc.RTCPeerConnection.__name__)
print(getattr(getattr(streamlit_webrtc.relay, "MediaRelay", None), "__name__", None))
print(aiortc.RTCPeerConnection.__name__, ",".join(codec.mimeType for codec in aiortc.codecs.CODECS["video"]))
"""


def test_every_step_is_taken_once_and_aiortc_stays_as_it_is():
    state, log = installed("", STATE)
    assert state[:3] == ["LivePeerConnection", "NewestFrameRelay", "RTCPeerConnection"]
    assert "video/H264" in state[3]
    assert log == []


@pytest.mark.parametrize(
    ("before", "step", "stock", "place"),
    [
        ("del streamlit_webrtc.relay.MediaRelay", "patch_media_relay", "None", 1),
        (
            "del aiortc.RTCPeerConnection._RTCPeerConnection__createTransceiver",
            "patch_peer_connection",
            "RTCPeerConnection",
            0,
        ),
    ],
)
def test_a_step_whose_place_has_moved_is_left_out_with_one_line(before, step, stock, place):
    state, [line] = installed(before, STATE)
    assert state[place] == stock
    assert state[1 - place] == ["LivePeerConnection", "NewestFrameRelay"][1 - place]
    assert step in line


CONFIGURATION = {
    "iceServers": [{"urls": ["turn:a"], "username": "u", "credential": "c"}],
    "iceTransportPolicy": "relay",
}
USE_CONFIGURATION = f"""
from streamlit_webrtc import component
configuration = {CONFIGURATION}
server = component._resolve_server_rtc_configuration(configuration)
print(server.iceTransportPolicy.value, server.iceServers[0].urls[0], server.iceServers[0].username)
print(component._resolve_server_rtc_configuration({{"iceServers": []}}).iceTransportPolicy.value)
print(component.enhance_frontend_rtc_configuration(configuration) is configuration)
"""


def test_the_server_gets_the_policy_too_and_the_browser_its_configuration_uncopied():
    assert installed("", USE_CONFIGURATION) == (["relay", "turn:a", "u", "all", "True"], [])


@pytest.mark.parametrize(
    ("before", "step"),
    [
        ("del streamlit_webrtc.component.compile_rtc_configuration", "patch_rtc_configuration"),
        ("del streamlit_webrtc.component.enhance_frontend_rtc_configuration", "patch_rtc_configuration"),
        ("del streamlit_webrtc.component.generate_frontend_component_key", "patch_orphan_check"),
        ("import aioice.ice; del aioice.ice.relayed_candidate", "patch_turn_allocation"),
    ],
)
def test_each_other_step_too(before, step):
    (line,) = installed(before, "")[1]
    assert step in line


OFFER_H264_FIRST = """
import asyncio, re
from aiortc import RTCPeerConnection, RTCSessionDescription
async def offer():
    connection = RTCPeerConnection()
    connection.addTransceiver("video")
    sdp = (await connection.createOffer()).sdp
    line = re.search("m=video .*", sdp).group()
    vp8 = re.search(r"a=rtpmap:(\\d+) VP8", sdp).group(1)
    h264 = re.search(r"a=rtpmap:(\\d+) H264", sdp).group(1)
    swapped = {vp8: h264, h264: vp8}
    return sdp.replace(line, " ".join(swapped.get(word, word) for word in line.split(" ")))
offered = asyncio.run(offer())
assert offered.index("H264") > 0
"""

ANSWER = """
async def answer():
    connection = streamlit_webrtc.webrtc.RTCPeerConnection()
    await connection.setRemoteDescription(RTCSessionDescription(offered, "offer"))
    return (await connection.createAnswer()).sdp
sdp = asyncio.run(answer())
print(*re.findall("a=rtpmap:[0-9]+ (.*)/", sdp), *re.findall("x-google-start-bitrate=[0-9]+", sdp))
"""


def test_vp8_for_everyone_also_where_h264_is_offered_first():
    """And with it the rate at which Chromium is to start, in kbit/s."""
    assert installed(OFFER_H264_FIRST, ANSWER)[0] == ["VP8", "rtx", f"x-google-start-bitrate={START_BITRATE // 1000}"]


def test_the_engine_needs_nothing_of_the_page_or_of_the_server():
    names = "print(*[name for name in sys.modules if name.startswith(('colorfilter.page', 'colorfilter.server'))])"
    assert installed("import sys", names) == ([], [])
