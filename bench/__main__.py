"""Measures the parts of `make bench`; `python -m bench more` those of `make bench-more`, `python -m bench live` one."""

import logging
import os
import sys
import time
from importlib import import_module
from pathlib import Path

from bench import results
from colorfilter.host.process import prepare_process

PARTS = {
    "kernel": "Kernel: one frame, yuv420p in to yuv420p out",
    "live": "Live: one viewer in a real browser",
    "encoder": "Encoder: three scenes at the full rate of the resolution and at half of it",
    "load": "Load: viewers at 640x480 and 25 frames a second",
    "starts": "Starts of the camera, five on each page",
    "vision": "Vision filters: beside a custom color, one viewer in a real browser",
}
# In a run of their own, `make bench-more`: all together take longer than anybody waits.
MORE = {
    "rate_control": "Rate control: its own time, packets and feedback together",
    "networks": "Networks that change, and scenes: one viewer, or two, in a real browser",
    "firefox": "Firefox: one viewer, on loopback and on a thin line",
    "slow": "Networks: one viewer in a real browser behind an emulated network",
    "views": "Views: beside the filter's at the same size",
    "stills": "Stills: a 1080p picture like a photo, one core, beside Pillow's defaults",
    "clips": "Clips: a minute of 30 frames a second, on all cores, beside ffmpeg",
    "hostile": "Hostile peers: a viewer beside them, in the first column, and alone, in the second",
    "loading": "Loading: how soon the page is there",
    "posts": "POST /filter beside live video",
}


def busy_seconds() -> tuple[float, float]:
    """Core seconds that the machine has spent, on anything, and on this bench and its ended children."""
    stat = Path("/proc/stat")
    fields = (
        [int(field) for field in stat.read_text(encoding="utf-8").split("\n")[0].split()[1:]]
        if stat.exists()
        else [0] * 8
    )
    idle = fields[3] + fields[4]
    ours = sum(os.times()[:4])
    return (sum(fields[:8]) - idle) / os.sysconf("SC_CLK_TCK"), ours


def main(parts: list[str]) -> None:
    logging.disable(logging.WARNING)  # Streamlit warns of every import outside of an app
    prepare_process()  # for the parts that filter or encode in this process
    titles = PARTS | MORE
    for part in parts:
        if part not in titles:
            sys.exit(f"There is no part {part!r}; the parts are {', '.join(titles)}.")
    setup = results.setup()
    print(setup)
    start = time.monotonic()
    for part in parts:
        measure(part, titles[part], setup)
    results.update_readme()
    print(f"\nMeasured in {(time.monotonic() - start) / 60:.1f} minutes.")


def measure(part: str, title: str, setup: str) -> None:
    """Print the part's rows as they come, and write its file once they are all there."""
    print(f"\n### {title}\n\n{results.HEAD}", flush=True)
    began, (machine, ours) = time.monotonic(), busy_seconds()
    rows = []
    for row in import_module(f"bench.{part}").rows():
        print(row, flush=True)
        rows.append(str(row))
    seconds = time.monotonic() - began
    others = (busy_seconds()[0] - machine - (busy_seconds()[1] - ours)) / seconds
    note = f"{seconds:.0f} s; other processes used {max(0.0, others):.2f} cores meanwhile."
    print(f"\n{note}", flush=True)
    results.write(part, title, setup, rows, note)


if __name__ == "__main__":
    main(list(MORE) if sys.argv[1:] == ["more"] else sys.argv[1:] or list(PARTS))
