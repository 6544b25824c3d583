"""How a view is laid out: the line between two halves, the tiles of a sheet, and the grey patches that mark them.

Patches are uint8 (H, W), 0 black to 255 white, with even sides, so that they fit the planes of a yuv420p frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Patch = NDArray[np.uint8]

STRIPE_SHARE = 1 / 360  # of a picture's height: half of each of the line's three stripes
NAME_SHARE = 1 / 7  # of a tile's height


def line_at(width: int, share: float) -> int:
    """The even column nearest to that share of the width, 0 at the left and 1 at the right."""
    return round(min(max(share, 0.0), 1.0) * width / 2) * 2


@lru_cache(maxsize=8)
def line_patch(height: int) -> Patch:
    """A white line between two black ones, which shows on any picture."""
    stripe = 2 * max(1, round(height * STRIPE_SHARE))
    return np.tile(np.repeat(np.array([0, 255, 0], np.uint8), stripe), (height, 1))


def grid(count: int) -> tuple[int, int]:
    """Columns and rows of a sheet of so many tiles: six are 3x2, four 2x2."""
    columns = math.ceil(math.sqrt(count))
    return columns, math.ceil(count / columns)


def tile_size(width: int, height: int, columns: int, even: int = 1) -> tuple[int, int]:
    """Width and height of one tile of the sheet: the picture's by the columns, and multiples of `even`."""
    return max(1, width // columns // even) * even, max(1, height // columns // even) * even


def tiles(width: int, height: int, count: int) -> Iterator[tuple[slice, slice]]:
    """Lines and columns of each tile of that size on a sheet of so many, row by row."""
    columns, rows = grid(count)
    for row in range(rows):
        for column in range(columns):
            yield slice(row * height, (row + 1) * height), slice(column * width, (column + 1) * width)


@lru_cache(maxsize=64)
def name_patch(name: str, tile_height: int) -> Patch:
    """The name in white on black, for the corner of a tile of that height."""
    height = max(10, round(tile_height * NAME_SHARE))
    font = ImageFont.load_default(0.72 * height)
    width = round(font.getlength(name)) + height
    patch = Image.new("L", (width + width % 2, height + height % 2), 0)
    ImageDraw.Draw(patch).text((patch.width / 2, patch.height / 2), name, fill=255, font=font, anchor="mm")
    return np.asarray(patch)
