import xml.etree.ElementTree as ElementTree

import cv2
import numpy as np
import pytest

from colorfilter.page.share import link, qr_code

USUAL = {"view": "filter", "filter": "yellow", "color": None, "mirror": True}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, "https://a.org/"),
        ({"filter": "red", "mirror": False}, "https://a.org/?filter=red&mirror=false"),
        ({"view": "all six"}, "https://a.org/?view=all+six"),
        ({"filter": "custom", "color": "#ff8800"}, "https://a.org/?filter=custom&color=%23ff8800"),
    ],
)
def test_a_link_has_what_is_not_usual(chosen, expected):
    assert link("https://a.org/", USUAL | chosen, USUAL) == expected


def drawn(svg):
    """The code's modules as a picture, black and white, 8 pixels each: its rows are runs of lines (SVG's m and h)."""
    root = ElementTree.fromstring(svg)
    side = int(root.get("viewBox").split()[2])
    modules = np.full((side, side), 255, np.uint8)
    (row,) = (path for path in root if path.get("stroke"))
    x = y = 0.0
    commands = row.get("d").replace("M", " M ").replace("m", " m ").replace("h", " h ").split()
    i = 0
    while i < len(commands):
        if commands[i] == "h":
            length = int(commands[i + 1])
            modules[int(y), int(x) : int(x) + length] = 0
            x, i = x + length, i + 2
        else:
            dx, dy = float(commands[i + 1]), float(commands[i + 2])
            x, y = (dx, dy) if commands[i] == "M" else (x + dx, y + dy)
            i += 3
    return modules.repeat(8, 0).repeat(8, 1)


@pytest.mark.parametrize("words", ["http://a.org", "https://a.example.org/?filter=custom&color=%23ff8800&strength=50"])
def test_the_code_says_the_link_with_the_quiet_zone_of_the_standard(words):
    picture = drawn(qr_code(words))
    assert cv2.QRCodeDetector().detectAndDecode(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))[0] == words
    dark = np.argwhere(picture == 0) // 8
    assert dark.min() == 4
    assert dark.max() == picture.shape[0] // 8 - 5


def test_words_that_no_code_holds_have_none():
    assert qr_code("x" * 2331) is not None  # ISO/IEC 18004: version 40, level M, bytes
    assert qr_code("x" * 2332) is None
