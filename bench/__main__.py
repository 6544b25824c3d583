"""Prints the tables of `make bench`; `python -m bench more` those of the other parts, `python -m bench live` one."""

import datetime
import logging
import os
import platform
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

PACKAGES = ["streamlit", "streamlit-webrtc", "aiortc", "av", "numpy", "opencv-python-headless"]
PARTS = {
    "kernel": "Kernel: one frame, yuv420p in to yuv420p out",
    "live": "Live: one viewer in a real browser",
    "encoder": "Encoder: the bench's clip at the resolution's full rate",
    "load": "Load: viewers at 640x480 and 25 frames a second",
    "starts": "Starts of the camera, five on each page",
}
# In a run of their own, `make bench-more`: all together take longer than anybody waits.
MORE = {
    "slow": "Networks: one viewer in a real browser behind an emulated network",
    "views": "Views: beside the filter's at the same size",
    "stills": "Stills: a 1080p picture like a photo, one core, beside Pillow's defaults",
    "posts": "POST /filter beside live video",
}


def processor() -> str:
    """The processor's name where Linux gives it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def busy_seconds() -> tuple[float, float]:
    """Core seconds that the machine has spent, on anything, and on this bench and its ended children."""
    stat = Path("/proc/stat")
    fields = [int(field) for field in stat.read_text().split("\n")[0].split()[1:]] if stat.exists() else [0] * 8
    idle = fields[3] + fields[4]
    ours = sum(os.times()[:4])
    return (sum(fields[:8]) - idle) / os.sysconf("SC_CLK_TCK"), ours


def main(parts: list[str]) -> None:
    logging.disable(logging.WARNING)  # Streamlit warns of every import outside of an app
    titles = PARTS | MORE
    for part in parts:
        if part not in titles:
            sys.exit(f"There is no part {part!r}; the parts are {', '.join(titles)}.")
    print(f"{datetime.date.today()}, {os.cpu_count()} cores of {processor()}, {platform.system()}, ", end="")
    print(f"Python {platform.python_version()}, {', '.join(f'{name} {version(name)}' for name in PACKAGES)}")
    start = time.monotonic()
    for part in parts:
        print(f"\n### {titles[part]}\n\n| | ours | stock | ours / stock |\n|---|---|---|---|", flush=True)
        began, (machine, ours) = time.monotonic(), busy_seconds()
        for row in import_module(f"bench.{part}").rows():
            print(row, flush=True)
        seconds = time.monotonic() - began
        others = (busy_seconds()[0] - machine - (busy_seconds()[1] - ours)) / seconds
        print(f"\n{seconds:.0f} s; other processes used {max(0.0, others):.2f} cores meanwhile.", flush=True)
    print(f"\nMeasured in {(time.monotonic() - start) / 60:.1f} minutes.")


if __name__ == "__main__":
    main(list(MORE) if sys.argv[1:] == ["more"] else sys.argv[1:] or list(PARTS))
