"""An offer as Safari writes it: H.264 first, VP8 in the middle, and header extensions under its own numbers."""

import subprocess
import sys

import pytest

# The codecs of Safari's section of video in its order, with its payload types: H.264 in three profiles before VP8.
CODECS = """
import re

CODECS = [
    (96, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640c1f"),
    (97, "rtx/90000", "apt=96"),
    (98, "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
    (99, "rtx/90000", "apt=98"),
    (100, "H265/90000", "level-id=93;tx-mode=SRST"),
    (101, "rtx/90000", "apt=100"),
    (103, "VP8/90000", None),
    (104, "rtx/90000", "apt=103"),
    (105, "VP9/90000", "profile-id=0"),
    (106, "rtx/90000", "apt=105"),
    (125, "red/90000", None),
    (109, "rtx/90000", "apt=125"),
    (110, "ulpfec/90000", None),
]
FEEDBACK = ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"]
EXTENSIONS = [
    (9, "urn:ietf:params:rtp-hdrext:toffset"),
    (2, "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
    (10, "urn:3gpp:video-orientation"),
    (3, "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"),
    (11, "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"),
    (12, "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type"),
    (4, "urn:ietf:params:rtp-hdrext:sdes:mid"),
]

def as_safari(sdp):
    # The connection is that of the offer given; the section of video is Safari's.
    kept = [line for line in sdp.splitlines() if re.match("a=(candidate|ice-|fingerprint|setup|ssrc|msid|mid)", line)]
    port = re.search(r"m=video (\\d+)", sdp)[1]
    lines = ["v=0", "o=- 4962303333179871722 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0"]
    lines += ["a=extmap-allow-mixed", "a=msid-semantic: WMS *"]
    lines += [f"m=video {port} UDP/TLS/RTP/SAVPF {' '.join(str(number) for number, *_ in CODECS)}"]
    lines += ["c=IN IP4 127.0.0.1", f"a=rtcp:9 IN IP4 0.0.0.0", *(line for line in kept if "msid-sem" not in line)]
    lines += ["a=ice-options:trickle", *(f"a=extmap:{number} {uri}" for number, uri in EXTENSIONS)]
    lines += ["a=sendrecv", "a=rtcp-mux", "a=rtcp-rsize"]
    for number, name, format in CODECS:
        lines.append(f"a=rtpmap:{number} {name}")
        if not name.startswith(("rtx", "red", "ulpfec")):
            lines += [f"a=rtcp-fb:{number} {what}" for what in FEEDBACK]
        lines += [f"a=fmtp:{number} {format}"] if format else []
    return "\\r\\n".join([*lines, ""])
"""

PEERS = """
import asyncio
from aiortc import RTCPeerConnection, RTCSessionDescription
from colorfilter.webrtc.engine import LivePeerConnection
from colorfilter.live.testcard import TestCardTrack

async def frames(track, count):
    for _ in range(count):
        frame = await track.recv()
    return frame.width, frame.height

async def main():
    safari, server = RTCPeerConnection(), LivePeerConnection()
    there, back = asyncio.Queue(), asyncio.Queue()
    server.on("track", there.put_nowait)
    safari.on("track", back.put_nowait)
    safari.addTrack(TestCardTrack(320, 240))
    await safari.setLocalDescription(await safari.createOffer())
    await server.setRemoteDescription(RTCSessionDescription(as_safari(safari.localDescription.sdp), "offer"))
    track = await there.get()
    server.addTrack(TestCardTrack(640, 480))
    await server.setLocalDescription(await server.createAnswer())
    answer = server.localDescription
    print(*re.findall("a=rtpmap:([0-9]+ .*)/90000", answer.sdp), sep=",")
    print(*re.findall("a=extmap:([0-9]+) .*(?:wide-cc|playout-delay)", answer.sdp), sep=",")
    await safari.setRemoteDescription(answer)
    print(*await frames(track, 20), *await frames(await back.get(), 20), sep=",")
    await safari.close()
    await server.close()

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def printed():
    ran = subprocess.run([sys.executable, "-c", CODECS + PEERS], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    return ran.stdout.splitlines()


def test_it_is_answered_with_vp8_alone_and_its_parity_under_safaris_numbers(printed):
    assert printed[0] == "103 VP8,104 rtx,125 red,110 ulpfec,109 rtx"


def test_its_transport_wide_numbers_and_playout_delay_are_agreed_to(printed):
    assert sorted(printed[1].split(",")) == ["11", "3"]


def test_both_ways_stream(printed):
    assert printed[2] == "320,240,640,480"
