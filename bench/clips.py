"""A minute of video from the command line, beside Debian's ffmpeg with the same encoder settings and threads.

The clip is a landscape that drifts, three seconds round and round, in H.264 with sound. Both ways run as commands, one
after the other, and take turns.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import av
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import sync_playwright

from bench.browser import Viewer, address
from bench.clip import CLIP_FRAMES, FRAMES_PER_SECOND, pictures, write_camera
from bench.posts import SETTLING, SIZE, WINDOW, frame_rates
from bench.table import Row
from colorfilter.clips.facts import clip_limits
from colorfilter.clips.job import make_clip
from colorfilter.clips.options import ClipOptions
from colorfilter.host.jobs import Jobs, Limits
from colorfilter.host.settings import Settings
from tests.support.chromium import launch
from tests.support.server import Server

SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
SECONDS, ROUNDS = 60, 1
# What the command line's defaults for H.264 are, but for the factor, which is ffmpeg's own here.
SETTINGS = ["-c:v", "libx264", "-preset", "medium", "-crf", "23", "-x264-params", "rc-lookahead=10"]
LOSSLESS = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "0", "-fps_mode", "passthrough"]
YELLOW = ",".join(
    [
        "scale=in_color_matrix=bt709",
        "format=gbrp",
        "colorchannelmixer=rr=1:gg=1:bb=0",
        "scale=out_color_matrix=bt709",
        "format=yuv420p",
    ]
)
TAGS = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]
MEGA = 1000  # kilobytes in a megabyte


def ffmpeg(source: Path, target: Path, settings: list[str]) -> list[str]:
    """The command that a user would type."""
    return ["ffmpeg", "-y", "-v", "error", "-i", str(source), "-vf", YELLOW, *settings, "-c:a", "copy", str(target)]


def ours(source: Path, target: Path, *options: str) -> list[str]:
    """The same with this project's command line."""
    return [sys.executable, "-m", "colorfilter", "yellow", str(source), "-o", str(target), "--force", *options]


def run(command: list[str]) -> tuple[float, float, float]:
    """Seconds, seconds of the processor and megabytes, at their most, that a command takes."""
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / MEGA


def write_minute(path: Path, width: int, height: int) -> None:
    """A minute of the bench's pictures, by ffmpeg from three seconds."""
    short = path.with_name(f"short-{path.name}")
    size = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(FRAMES_PER_SECOND), "-i", "-"]
    sound = ["-f", "lavfi", "-i", f"sine=r=48000:d={CLIP_FRAMES / FRAMES_PER_SECOND}"]
    matrix = ["-vf", "scale=out_color_matrix=bt709,format=yuv420p", *TAGS]
    command = ["ffmpeg", "-y", "-v", "error", *size, *sound, *matrix, "-preset", "fast", "-crf", "20", str(short)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert process.stdin is not None
    for picture in pictures(width, height, CLIP_FRAMES):
        process.stdin.write(picture.tobytes())
    process.stdin.close()
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, command)
    loops = SECONDS * FRAMES_PER_SECOND // CLIP_FRAMES - 1
    run(["ffmpeg", "-y", "-v", "error", "-stream_loop", str(loops), "-i", str(short), "-c", "copy", str(path)])


def difference(first: Path, second: Path) -> float:
    """By how many levels Y, U and V of both clips' frames differ, at the 99th percentile."""
    differences = [np.abs(a - b) for a, b in zip(_samples(first), _samples(second), strict=True)]
    return float(np.percentile(np.concatenate([one.ravel() for one in differences]), 99))


def _samples(path: Path) -> Iterator[NDArray[np.int16]]:
    with av.open(str(path)) as file:
        for frame in file.decode(video=0):
            yield frame.to_ndarray().astype(np.int16)


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        for name, (width, height) in SIZES.items():
            source, target = Path(folder, f"{name}.mp4"), Path(folder, "out.mp4")
            write_minute(source, width, height)
            taken: dict[str, list[tuple[float, float, float]]] = {"ours": [], "ffmpeg": []}
            for _ in range(ROUNDS):
                taken["ffmpeg"].append(run(ffmpeg(source, target, SETTINGS)))
                taken["ours"].append(run(ours(source, target, "--crf", "23")))
            mine, theirs = ([median(values) for values in zip(*times, strict=True)] for times in taken.values())
            yield Row(f"{name}: a minute through the yellow filter", mine[0], theirs[0], "s")
            yield Row(f"{name}: the processor's time for it, all cores", mine[1], theirs[1], "s")
            yield Row(f"{name}: memory at its most", mine[2], theirs[2], "MB", digits=0)
        yield _right(source, Path(folder))
        yield from _beside_a_viewer(source, Path(folder))


def _beside_a_viewer(source: Path, folder: Path) -> Iterator[Row]:
    """A live viewer's pictures a second while a visitor's clip is made."""
    camera = folder / "camera.y4m"
    write_camera(camera, *SIZE)
    jobs = Jobs(Limits())
    with Server("serve") as server, sync_playwright() as playwright:
        browser = launch(playwright, camera=camera)
        with Viewer(browser, server.url + address("ours", *SIZE)) as viewer:
            viewer.press_start()
            time.sleep(SETTLING)
            alone = frame_rates(viewer)
            limits = clip_limits(Settings())
            job = jobs.submit("visitor", make_clip, source.read_bytes(), "mp4", ClipOptions(), limits)
            time.sleep(SETTLING)
            beside = frame_rates(viewer)
            made = job.progress.frames if job.progress else 0
        browser.close()
    jobs.stop()
    yield Row("a live viewer at 1280x720, alone: pictures a second, median", median(alone), unit="")
    yield Row("while a 1080p clip is made: pictures a second, median", median(beside), unit="")
    yield Row("while a 1080p clip is made: pictures in the worst second", min(beside), unit="", digits=0)
    yield Row("the clip's frames meanwhile, a second", made / (SETTLING + WINDOW), unit="")


def _right(source: Path, folder: Path) -> Row:
    """How near both results of the same second are, without loss."""
    second, first, other = folder / "second.mp4", folder / "first.mp4", folder / "other.mp4"
    run(["ffmpeg", "-y", "-v", "error", "-i", str(source), "-t", "1", "-c", "copy", str(second)])
    run(ours(second, first, "--crf", "0", "--preset", "ultrafast"))
    run(ffmpeg(second, other, LOSSLESS))
    return Row("levels between ours and stock, 99th percentile", difference(first, other), None, "", digits=0)
