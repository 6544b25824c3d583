"""The bench's clip: a landscape that drifts, a ball, and noise, as hard to encode as a person who moves.

A strip along the top says which frame it is: seventeen squares, the number's eight bits outward from a white one in
the middle, so that it reads the same in a mirror, under any filter that lets light through, and at any size.
`watch.js` reads it in the browser, `read_number` here.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

FRAMES_PER_SECOND = 30
CLIP_FRAMES = 90
BITS = 8
SQUARES = 2 * BITS + 1
SQUARE = 15  # squares in a picture's height
WHITE, BLACK = 235, 20


def pictures(width: int, height: int, count: int) -> Iterator[NDArray[np.uint8]]:
    """`count` RGB pictures, (height, width, 3), that go round without a jump."""
    rng = np.random.default_rng(1)
    landscape = _landscape(width, height, rng)
    for number in range(count):
        turn = 2 * np.pi * number / count
        x, y = int(200 + 180 * np.sin(turn)), int(100 + 60 * np.sin(2 * turn))
        picture = landscape[y : y + height, x : x + width].copy()
        center = (int(width * (0.5 + 0.3 * np.cos(turn))), int(height * (0.6 + 0.2 * np.sin(turn))))
        cv2.circle(picture, center, height // 8, (230, 60, 60), -1)
        picture += cv2.randn(np.empty_like(picture), 0, 2)  # type: ignore[call-overload]  # takes numbers too
        drawn = picture.clip(0, 255).astype(np.uint8)
        _draw_number(drawn, number)
        yield drawn


def _landscape(width: int, height: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Colored hills of three sizes, larger than the picture by what it drifts."""
    size = (width + 400, height + 200)
    landscape = np.full((size[1], size[0], 3), 120, np.float32)
    for columns, contrast in ((8, 90), (40, 50), (160, 25)):
        hills = rng.uniform(-1, 1, (columns * 9 // 16 + 2, columns, 3)).astype(np.float32)
        landscape += contrast * cv2.resize(hills, size, interpolation=cv2.INTER_CUBIC)
    return landscape


def _strip(width: int, height: int) -> tuple[int, int, int]:
    """Left edge, top edge and side of the strip's squares, in pixels."""
    side = height // SQUARE
    return (width - SQUARES * side) // 2, side // 2, side


def _draw_number(picture: NDArray[np.uint8], number: int) -> None:
    left, top, side = _strip(picture.shape[1], picture.shape[0])
    for square in range(SQUARES):
        bit = abs(square - BITS) - 1  # the middle one, -1, is always white
        lit = bit < 0 or number >> bit & 1
        x = left + square * side
        picture[top : top + side, x : x + side] = WHITE if lit else BLACK


def read_number(luma: NDArray[np.uint8]) -> int:
    """The number in a picture's luma plane, (height, width)."""
    left, top, side = _strip(luma.shape[1], luma.shape[0])
    row = luma[top + side // 2, left + side // 2 :: side][:SQUARES].astype(int)
    threshold = (row.max() + 16) / 2
    return sum(1 << bit for bit in range(BITS) if row[BITS + 1 + bit] > threshold)


def yuv(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture in yuv420p of limited range, (height * 3 / 2, width), as cameras give it."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420).astype(np.uint8, copy=False)


def soft_and_detailed(width: int, height: int, seconds: int = 4) -> Iterator[NDArray[np.uint8]]:
    """RGB pictures of a scene that is soft and still for so many seconds, then as long detailed and panning."""
    rng = np.random.default_rng(2)
    soft = _shapes(width, height, [(8, 40)], rng)
    wide = _shapes(3 * width, height, [(24, 30), (90, 20), (360, 15), (1440, 8)], rng)
    half, step = seconds * FRAMES_PER_SECOND, max(2, width // 320)
    for number in range(2 * half):
        left = (number - half) * step
        picture = (soft if left < 0 else wide[:, left : left + width]).copy()
        _draw_number(picture, number)
        yield picture


def dim_room(width: int, height: int, count: int) -> Iterator[NDArray[np.uint8]]:
    """`count` RGB pictures of a dim still room, with a head that sways and the noise of a camera short of light."""
    rng = np.random.default_rng(3)
    room = 0.5 * _shapes(width, height, [(6, 50), (30, 20), (200, 6)], rng).astype(np.float32)
    for number in range(count):
        sway = int(width * 0.05 * np.sin(2 * np.pi * number / count))
        picture = room.copy()
        cv2.ellipse(
            picture, (width // 2 + sway, height // 2), (height // 7, height // 5), 0, 0, 360, (150, 110, 90), -1
        )
        picture += cv2.randn(np.empty_like(picture), 0, 4)  # type: ignore[call-overload]  # takes numbers too
        yield picture.clip(0, 255).astype(np.uint8)


def _shapes(width: int, height: int, layers: list[tuple[int, int]], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Soft random shapes; `layers` are (shapes in the width, contrast in levels)."""
    picture = np.full((height, width, 3), 120, np.float32)
    for columns, contrast in layers:
        small = rng.normal(0, contrast, (max(2, columns * height // width), columns, 3)).astype(np.float32)
        picture += cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return picture.clip(0, 255).astype(np.uint8)


def write_camera(path: Path, width: int, height: int, scene: Iterable[NDArray[np.uint8]] | None = None) -> None:
    """A Y4M file that Chromium plays round and round as its camera; of the landscape, or of a scene's pictures."""
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n" % (width, height, FRAMES_PER_SECOND))
        for picture in scene or pictures(width, height, CLIP_FRAMES):
            file.write(b"FRAME\n" + yuv(picture).tobytes())
