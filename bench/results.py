"""What the bench writes: bench/results/PART.md for each part, and from these files the figures of the README."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.chromium import launch

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results"
README = ROOT / "README.md"
BEGIN, END = "<!-- Written by python -m bench. -->\n", "<!-- End of what it wrote. -->"

PACKAGES = ["streamlit", "streamlit-webrtc", "aiortc", "av", "numpy", "opencv-python-headless"]
HEAD = "| | ours | stock | ours / stock |\n|---|---|---|---|"
# The README's rows: the part, its row, and the words for it there.
SUMMARY = [
    ("kernel", "720p red", "the filter on one 1280x720 frame"),
    ("live", "1280x720: server CPU a frame", "all that the server does for it"),
    ("live", "1280x720: camera to screen, median", "from camera to screen at 1280x720"),
    ("live", "1280x720: press to first frame of full size", "from the press to the first 1280x720 frame"),
    ("load", "most viewers at 24 pictures a second or more", "viewers at 640x480 that two cores serve"),
    ("stills", "all three", "a 1080p PNG, read, filtered and written"),
]


# ---- What was measured on ----------------------------------------------------------------------------------------


def setup() -> str:
    """Date, version, machine and packages, in one line."""
    machine = f"{os.cpu_count()} cores of {_processor()}, {platform.system()}"
    packages = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in PACKAGES)]
    return ", ".join([str(datetime.date.today()), _own_version(), machine, *packages, _chromium()])


def _own_version() -> str:
    """The project's version and its commit, if git knows it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    commit, changed = _git("rev-parse", "--short", "HEAD"), _git("status", "--porcelain", "--", "*.py", "*.js")
    return f"version {project}" + (f" at {commit}" if commit else "") + (" with changes" if changed else "")


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def _processor() -> str:
    """The processor's name where Linux gives it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _chromium() -> str:
    try:
        with sync_playwright() as playwright:
            browser = launch(playwright)
            name = f"Chromium {browser.version}"
            browser.close()
            return name
    except RuntimeError:
        return "no Chromium"


# ---- Its files ---------------------------------------------------------------------------------------------------


def write(part: str, title: str, setup: str, rows: list[str], note: str, folder: Path = RESULTS) -> None:
    """Write the part's file, in place of the one that is there."""
    folder.mkdir(exist_ok=True)
    text = "\n".join([f"# {title}", "", f"{setup}.", "", HEAD, *rows, "", note, ""])
    (folder / f"{part}.md").write_text(text, encoding="utf-8")


def read(part: str, folder: Path = RESULTS) -> dict[str, str]:
    """The cells of each row of the part's file, as they stand there, by the row's name."""
    rows = [line for line in (folder / f"{part}.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return dict(line.removeprefix("| ").split(" | ", 1) for line in rows[1:])


def summary(folder: Path = RESULTS) -> str:
    """The README's table."""
    rows = [f"| [{words}](bench/results/{part}.md) | {read(part, folder)[row]}" for part, row, words in SUMMARY]
    return "\n".join([HEAD, *rows, ""])


def update_readme(readme: Path = README, folder: Path = RESULTS) -> None:
    """Put the table into the README, in place of the one that is there."""
    before, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    readme.write_text(f"{before}{BEGIN}{summary(folder)}{END}{rest.split(END)[1]}", encoding="utf-8")
