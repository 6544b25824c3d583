"""How many viewers one server carries.

The viewers live in one process of their own, `load_viewers.py`: they send a clip that was encoded beforehand and only
keep what comes back, so that what is measured is the server, `load_server.py`. What came back is decoded when all is
over, and read for the frame numbers in it: the stock way repeats old pictures under new time stamps.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, TypedDict

import av
import numpy as np
from numpy.typing import NDArray

from bench.browser import cpu_seconds
from bench.clip import pictures, read_number, yuv
from bench.lag import lags, percentile
from bench.table import Row, both

VIEWERS = [1, 2, 4, 8, 12]
SIZE = (640, 480)
FRAMES_PER_SECOND = 25
CLIP_FRAMES = 200
BIT_RATE = 800_000
SERVED = 24  # frames a second from which on a viewer counts as served


class Seen(TypedDict):
    """Pictures a second and lags in seconds of one viewer."""

    rate: float
    lags: list[float]


def encode_clip(path: Path) -> None:
    """The clip as VP8 packets in a Matroska file, the first of them a key frame."""
    with av.open(str(path), "w", format="matroska") as file:
        stream = file.add_stream("libvpx", rate=FRAMES_PER_SECOND)
        stream.width, stream.height = SIZE
        stream.bit_rate = BIT_RATE
        stream.options = {"deadline": "realtime", "cpu-used": "-6", "lag-in-frames": "0", "g": str(CLIP_FRAMES)}
        for picture in pictures(*SIZE, CLIP_FRAMES):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(yuv(picture), "yuv420p")))
        file.mux(stream.encode())


def process(module: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python process that is talked to in lines of JSON."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(running: subprocess.Popen[str], question: object) -> Any:
    """Send a line, wait for the answer."""
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write(json.dumps(question) + "\n")
    running.stdin.flush()
    answer = running.stdout.readline()
    if not answer:
        raise RuntimeError(f"A process of the bench ended with {running.wait()}.")
    return json.loads(answer)


def run(way: str, count: int, clip: Path, folder: Path) -> tuple[list[Seen], float]:
    """What each viewer saw, and how many cores the server used meanwhile."""
    server, viewers = process("bench.load_server", way), process("bench.load_viewers", str(count), str(clip))
    try:
        answers = ask(server, ask(viewers, "offers"))
        ask(viewers, answers)
        used = cpu_seconds(server.pid)
        seconds = ask(viewers, str(folder))
        cores = (cpu_seconds(server.pid) - used) / seconds
    finally:
        for running in (viewers, server):
            running.kill()
            running.communicate()
    return [seen(folder / f"{viewer}.json", folder / f"{viewer}.vp8") for viewer in range(count)], cores


def luma_of(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """The luma plane of a yuv420p frame, (height, width)."""
    return frame.to_ndarray()[: frame.height].astype(np.uint8, copy=False)


def seen(log: Path, data: Path) -> Seen:
    """Pictures a second and lags of one viewer, from what it kept."""
    kept = json.loads(log.read_text(encoding="utf-8"))
    start, end = kept["window"]
    decoder = av.CodecContext.create("libvpx", "r")
    numbers, position, encoded = [], 0, data.read_bytes()
    for arrived, stamp, length in kept["arrived"]:
        for frame in decoder.decode(av.Packet(encoded[position : position + length])):
            numbers.append((arrived, read_number(luma_of(frame)), stamp))
        position += length
    new = [one for before, one in zip([(0.0, -1, 0), *numbers], numbers, strict=False) if one[1] != before[1]]
    late = [lag for at, lag in lags(kept["sent"], new, CLIP_FRAMES / FRAMES_PER_SECOND) if start <= at < end]
    return {"rate": sum(start <= at < end for at, *_ in new) / (end - start), "lags": late}


def rows() -> Iterator[Row]:
    served = {"ours": 0, "stock": 0}
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mkv"
        encode_clip(clip)
        for count in VIEWERS:
            result = {way: run(way, count, clip, Path(folder)) for way in served}
            for way, (viewers, _) in result.items():
                if median(one["rate"] for one in viewers) >= SERVED:
                    served[way] = count
            yield from count_rows(count, [result[way] for way in ("ours", "stock")])
    yield Row(f"most viewers at {SERVED} pictures a second or more", served["ours"], served["stock"], "", 0)


def count_rows(count: int, results: list[tuple[list[Seen], float]]) -> Iterator[Row]:
    who = f"{count} viewer{'s' if count > 1 else ''}"
    rates = [[one["rate"] for one in viewers] for viewers, _ in results]
    late = [[lag * 1000 for one in viewers for lag in one["lags"]] or [float("nan")] for viewers, _ in results]
    yield Row(f"{who}: pictures a second, median of viewers", *both(map(median, rates)), "")
    yield Row(f"{who}: pictures a second, the worst viewer", *both(map(min, rates)), "")
    yield Row(f"{who}: lag, median", *both(map(median, late)), digits=0)
    yield Row(f"{who}: lag, 95th percentile", *both(percentile(each, 0.95) for each in late), digits=0)
    yield Row(f"{who}: cores the server used", *both(cores for _, cores in results), "", 2)
