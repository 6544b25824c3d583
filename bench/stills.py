"""Where the time goes when a 1080p PNG is filtered, on one core, beside Pillow with its defaults."""

import io
import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image

from bench.table import Row
from tests.support.pictures import photo, saved

ROUNDS = 9


def timed(step: Callable[..., Any], *args: Any) -> tuple[float, Any]:
    """The median milliseconds of a step, and its result."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        result = step(*args)
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times), result


def pillow_read(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def pillow_write(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def numpy_yellow(picture: np.ndarray) -> np.ndarray:
    filtered = picture.copy()
    filtered[:, :, 2] = 0
    return filtered


def rows() -> Iterator[Row]:
    from colorfilter import PRESETS, filter_image
    from colorfilter.stills.decode import read_picture
    from colorfilter.stills.png import write_png

    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    data = saved(photo())
    ours_read, picture = timed(read_picture, data)
    ours_filter, filtered = timed(filter_image, picture, PRESETS["yellow"])
    ours_write, png = timed(write_png, filtered)
    stock_read, picture = timed(pillow_read, data)
    stock_filter, filtered = timed(numpy_yellow, picture)
    stock_write, stock_png = timed(pillow_write, filtered)
    os.sched_setaffinity(0, cores)
    yield Row("1080p PNG in, read", ours_read, stock_read)
    yield Row("filter yellow", ours_filter, stock_filter)
    yield Row("1080p PNG out, write", ours_write, stock_write)
    yield Row("all three", ours_read + ours_filter + ours_write, stock_read + stock_filter + stock_write)
    yield Row("size of the PNG out", len(png) / 1e6, len(stock_png) / 1e6, "MB", 2)
