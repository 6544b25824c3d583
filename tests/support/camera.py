"""Cameras for the browser, made by code: Y4M files of known colors."""

import numpy as np

from tests.support import reference

# Eight bars, left to right, RGB 0..255: the corners of the color cube, but not quite, so that nothing clips.
BARS = [
    (220, 220, 220),
    (210, 210, 40),
    (30, 200, 200),
    (40, 180, 40),
    (200, 50, 200),
    (210, 30, 30),
    (30, 30, 210),
    (120, 120, 120),
]


def bars_picture(width, height):
    """The bars as an RGB picture, (height, width, 3)."""
    columns = np.arange(width) * len(BARS) // width
    return np.broadcast_to(np.array(BARS, np.uint8)[columns], (height, width, 3))


def write_y4m(path, pictures, frames_per_second=30):
    """Write RGB pictures as a Y4M file, in limited-range BT.601 as every camera gives."""
    with open(path, "wb") as file:
        for i, picture in enumerate(pictures):
            height, width = picture.shape[:2]
            if i == 0:
                file.write(b"YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n" % (width, height, frames_per_second))
            file.write(b"FRAME\n")
            for plane in reference.from_rgb(picture.astype(float)):
                file.write(np.rint(plane).astype(np.uint8).tobytes())
