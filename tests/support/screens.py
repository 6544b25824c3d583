"""Pictures of every state of the page on one sheet, for people to look at: `make screens`.

The columns are states, the rows sizes in light and in dark. Each screen is whole, whatever its size, and all are in one
scale.
"""

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import sync_playwright

from tests.support.camera import bars_picture, write_y4m
from tests.support.chromium import launch
from tests.support.states import SCHEMES, STATES, WIDTHS, StatesOf

SHOWN = (390, 1280, 1920)
SCALE = 0.4
GAP, GREY = 16, 160


def screens(states):
    """{(width, scheme, state): RGB picture}; each page is opened once and then has the other sizes."""
    pictures = {}
    for state in STATES:
        for scheme in SCHEMES:
            with states.open(state, color_scheme=scheme) as page:
                for width in SHOWN:
                    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
                    page.wait_for_timeout(700)
                    picture = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
                    pictures[width, scheme, state] = picture
    return pictures


def contact_sheet(pictures):
    """One picture with all of them, and above each what it is."""
    rows = []
    for width in SHOWN:
        for scheme in SCHEMES:
            rows.append(np.hstack([tile(pictures[width, scheme, state], f"{state}, {width}") for state in STATES]))
    widest = max(row.shape[1] for row in rows)
    return np.vstack([np.pad(row, ((0, 0), (0, widest - row.shape[1]), (0, 0)), constant_values=GREY) for row in rows])


def tile(picture, name):
    small = cv2.resize(picture, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_AREA)
    framed = cv2.copyMakeBorder(small, 2 * GAP, GAP, GAP, GAP, cv2.BORDER_CONSTANT, value=(GREY,) * 3)
    return cv2.putText(framed, name, (GAP, GAP + 8), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as files, sync_playwright() as playwright:
        camera = Path(files) / "bars.y4m"
        write_y4m(camera, [bars_picture(640, 480)] * 2)
        browser = launch(playwright, camera=camera)
        with StatesOf(browser) as states:
            pictures = screens(states)
        browser.close()
    for (width, scheme, state), picture in pictures.items():
        cv2.imwrite(str(folder / f"{state.replace(' ', '-')}-{width}-{scheme}.png"), picture)
    cv2.imwrite(str(folder / "sheet.png"), contact_sheet(pictures))
    print(folder / "sheet.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
