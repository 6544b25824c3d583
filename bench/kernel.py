"""One frame, yuv420p in to yuv420p out: every color, some vision filters, the stock way and a plain copy of the frame.

Each way runs in a new process, as a server is one: how a process has used memory before changes its time by
half. They take turns, so that noise strikes all alike.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np
from av import VideoFrame

from bench.stock import stock_frame
from bench.table import Row

SIZES = {"480p": (640, 480), "720p": (1280, 720), "1080p": (1920, 1080)}
COLORS = {
    "original": (255, 255, 255),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "pink": (255, 0, 255),
    "cyan": (0, 255, 255),
    "custom": (255, 136, 68),
}
# Beside the stock way there and back, which changes no color.
VISION = ["protan", "protan at 50 %", "tritan", "achromat", "daltonize-tritan"]
ROUNDS, FRAMES = 2, 20


def works(frame: VideoFrame, way: str) -> dict[str, Callable[[], object]]:
    """What to time, by name."""
    if way == "stock":
        return {name: partial(stock_frame, frame, color) for name, color in COLORS.items()}
    from colorfilter import VISION as BY_NAME
    from colorfilter import ColorFilter, filter_frame
    from colorfilter.frames import copy_frame
    from colorfilter.host.process import prepare_process

    prepare_process()
    filters = [ColorFilter(name, color) for name, color in COLORS.items()]
    ours = {one.name: partial(filter_frame, frame, one) for one in filters}
    for name in VISION:
        kind, _, percent = name.partition(" at ")
        one = BY_NAME[kind].at_strength(int(percent.rstrip(" %") or 100) / 100)
        ours[name] = partial(filter_frame, frame, one)
    return {"plain copy of the frame": partial(copy_frame, frame), **ours}


def noise(width: int, height: int) -> VideoFrame:
    """A frame of random samples, made line by line so that the process has never freed a larger array."""
    rng = np.random.default_rng(0)
    frame = VideoFrame(width, height, "yuv420p")
    for plane in frame.planes:
        for line in np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size):
            line[:] = rng.integers(0, 256, len(line), np.uint8)
    return frame


def measure(way: str) -> dict[str, list[float]]:
    """Milliseconds of each frame, by size and work."""
    times: dict[str, list[float]] = {}
    for size, (width, height) in SIZES.items():
        for name, work in works(noise(width, height), way).items():
            taken = times[f"{size} {name}"] = []
            for _ in range(FRAMES):
                start = time.perf_counter()
                work()
                taken.append((time.perf_counter() - start) * 1000)
    return times


def rows() -> list[Row]:
    """Each size and filter, medians over all rounds."""
    times: dict[str, dict[str, list[float]]] = {"ours": {}, "stock": {}}
    for _ in range(ROUNDS):
        for way, so_far in times.items():
            ran = subprocess.run([sys.executable, "-m", "bench.kernel", way], check=True, stdout=subprocess.PIPE)
            for what, taken in json.loads(ran.stdout).items():
                so_far.setdefault(what, []).extend(taken)
    there_and_back = {
        f"{size} {name}": times["stock"][f"{size} original"]
        for size in SIZES
        for name in ("plain copy of the frame", *VISION)
    }
    stock = times["stock"] | there_and_back
    return [Row(what, median(taken), median(stock[what]), digits=2) for what, taken in times["ours"].items()]


if __name__ == "__main__":
    json.dump(measure(sys.argv[1]), sys.stdout)
