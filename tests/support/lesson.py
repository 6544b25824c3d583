"""Where each light stands in the lesson's drawings."""

import math

LIGHTS = {
    "red": (0.4, 90),
    "green": (0.4, 210),
    "blue": (0.4, 330),
    "yellow": (0.2, 150),
    "cyan": (0.2, 270),
    "pink": (0.2, 30),
    "original": (0, 0),
}


def at(picture, share, degrees):
    size = len(picture)
    across, up = share * math.cos(math.radians(degrees)), share * math.sin(math.radians(degrees))
    return picture[int(size * (0.5 - up)), int(size * (0.5 + across))].tolist()
