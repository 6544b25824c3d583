"""Bytes from outside, broken at random: 120,000 cases, and none raises what is not the parser's own error.

A hundredth of them is in the default run.
"""

import base64
import io
import json
import random
import struct
import subprocess
import sys

import numpy as np
import pytest
from aiortc.codecs.vpx import vp8_depayload
from aiortc.rtp import RtcpPacket
from PIL import Image
from starlette.datastructures import QueryParams

from colorfilter.catalog import filter_named
from colorfilter.server.request import RequestError, handle
from colorfilter.stills.decode import PictureError, read_picture
from colorfilter.webrtc.engine.picture_gate import PictureGate
from colorfilter.webrtc.engine.send_history import SendHistory
from colorfilter.webrtc.engine.transport_cc import ArrivalLog
from colorfilter.webrtc.engine.transport_feedback import parse_transport_feedback
from colorfilter.webrtc.offers import check_offer
from tests.support.mutations import broken
from tests.support.pictures import png, saved
from tests.support.server import ROOT

pytestmark = pytest.mark.timeout(300)

CASES = 10_000
FEW_OR_ALL = [CASES // 100, pytest.param(CASES, marks=pytest.mark.slow)]


def pictures():
    rng = np.random.default_rng(1)
    image = Image.fromarray(rng.integers(0, 256, (24, 32, 3), np.uint8))
    for kind, mode in [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "RGB"), ("WEBP", "RGB"), ("GIF", "P")]:
        with io.BytesIO() as file:
            image.convert(mode).save(file, kind)
            yield file.getvalue()


PICTURES = list(pictures())


def rare_pictures():
    """TIFF and BMP in their modes, PNG of 16 bits and interlaced."""
    rng = np.random.default_rng(2)
    image = Image.fromarray(rng.integers(0, 256, (24, 32, 3), np.uint8))
    wide = rng.integers(0, 1 << 16, (24, 32, 4), np.uint16)
    for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK"):
        yield saved(image.convert(mode), "TIFF")
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits"):
        yield saved(image, "TIFF", compression=compression)
    yield saved(image, "TIFF", big_tiff=True, description="x" * 100)
    yield saved(wide[:, :, 0], "TIFF")
    for mode in ("1", "L", "P", "RGB"):
        yield saved(image.convert(mode), "BMP")
    for color_type, channels in ((0, 1), (2, 3), (4, 2), (6, 4)):
        for interlace in (0, 1):
            yield png(wide[:, :, :channels], color_type, 16, interlace)
        yield png(wide[:, :, :channels] >> 8, color_type, 8, 1)


RARE_PICTURES = list(rare_pictures())
# As the web server hands it on, each part in its percent-encoding or not.
QUERIES = [
    b"color=red&strength=0.5",
    b"color=%23ff8800&strength=1e-3",
    b"color=" + b"x" * 5000 + b"&strength=" + b"9" * 5000,
    b"color=%F0%9F%8C%88&strength=%D9%A1",  # Unicode: a rainbow, and a digit of Arabic, which float() takes
    b"color=<img src=x onerror=alert(1)>&strength=<b>1</b>",
    b"color=[red](https://a.example)&strength=**1**",
    b"color=red&color=blue&strength=-0&strength=nan&strength=inf",
]


def is_short(error):
    return error.status == 400 and len(error.sentence) < 500 and "\n" not in error.sentence


def answer_query(data):
    """What of a query is refused is so with one short sentence."""
    try:
        answer = handle(PICTURES[0], "", dict(QueryParams(data.decode("latin-1"))))
    except RequestError as error:
        if not is_short(error):
            raise AssertionError(error.sentence) from error
        raise
    assert answer.media_type == "image/png"


def feedback():
    log = ArrivalLog()
    for number in range(40):
        if number % 3:
            log.add(0xFFF0 + number & 0xFFFF, number * 0.01)
    return log.take(1.0)


FEEDBACK = feedback()
KEY_FRAME = b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", 640, 480) + bytes(30)
RTCP = [
    struct.pack("!BBHIIIIIII", 0x81, 201, 7, 1, 2, 3, 4, 5, 6, 7),
    struct.pack("!BBHII", 0x8F, 205, 2 + len(FEEDBACK) // 4, 1, 2) + FEEDBACK,
    struct.pack("!BBHIIHH", 0x81, 205, 3, 1, 2, 100, 0xFFFF),
    struct.pack("!BBHII4sI", 0x8F, 206, 4, 1, 0, b"REMB", 0x01_09_FF_FF) + struct.pack("!I", 5),
]
JSON = json.dumps({"image": f"data:image/png;base64,{base64.b64encode(PICTURES[0]).decode()}", "color": "red"}).encode()
OFFER = b"v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\na=recvonly\r\n"


def take_feedback(data):
    history = SendHistory()
    for number in range(100):
        history.on_sent(history.take_number(), 1000, number / 100, None)
    history.results(parse_transport_feedback(data))


def take_picture(data):
    gate = PictureGate(75)
    assert gate.admit(data, 1.0) in (True, False)


PARSERS = {
    "feedback": (take_feedback, [FEEDBACK], ValueError),
    "rtcp": (RtcpPacket.parse, RTCP, ValueError),
    "payload": (vp8_depayload, [b"\x90\x80\x81\x23" + KEY_FRAME], ValueError),
    "picture's start": (take_picture, [KEY_FRAME], ()),
    "offer": (lambda data: check_offer(data.decode("latin-1"), 32), [OFFER], ValueError),
    "color": (lambda data: filter_named(data.decode("latin-1")), [b"red", b"#ff8800"], ValueError),
    "picture": (read_picture, PICTURES, PictureError),
    "rare picture": (read_picture, RARE_PICTURES, PictureError),
    "query": (answer_query, QUERIES, RequestError),
    "body": (lambda data: handle(data, "application/json", {}), [JSON], RequestError),
}


@pytest.mark.parametrize("cases", FEW_OR_ALL)
@pytest.mark.parametrize("name", PARSERS)
def test_no_case_raises_what_is_not_its_own_error(name, cases):
    parse, valid, error = PARSERS[name]
    rng, refused = random.Random(name), 0
    for _ in range(cases):
        case = broken(rng, rng.choice(valid))
        try:
            parse(case)
        except error:
            refused += 1
        except Exception as other:
            raise AssertionError(f"{case!r} raises {other!r}") from other
    assert not error or refused > cases / 100  # what is broken is not all taken


@pytest.mark.slow
def test_no_packet_ends_a_connection():
    """As many of RTP and of RTCP, through everything that handles them in a connection of two peers."""
    command = [sys.executable, "-m", "tests.support.fuzzed_peers", str(CASES)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert ran.stdout.splitlines() == ["rtp 0 raised", "pictures go on", "rtcp 0 raised", "connected", "closed"], ran
    assert "Traceback" not in ran.stderr
