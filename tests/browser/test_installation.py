"""What a host does with the project: requirements.txt alone, files that nobody may write, and a user without rights."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from colorfilter import PRESETS
from tests.support.bars import assert_shows, expected
from tests.support.page import LivePage
from tests.support.server import ROOT, Server

pytestmark = pytest.mark.deploy

NOBODY = 65534
USER = NOBODY if os.geteuid() == 0 else None  # who is not root has no rights to lose


@pytest.fixture(scope="module")
def ground():
    """A folder that every user may read; pytest's own are for one."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def everybody_may_run(python):
    """Whether a user without rights may: a Python in root's home is root's alone."""
    try:
        return subprocess.run([python, "-c", ""], cwd="/", user=USER).returncode == 0
    except OSError:
        return False


@pytest.fixture(scope="module")
def python(ground):
    """The Python of a virtual environment that has what requirements.txt says, and nothing else."""
    base = next(filter(everybody_may_run, (sys.executable, "/usr/bin/python3")), None)
    if base is None:
        raise RuntimeError("There is no Python that every user may run; install Debian's python3-venv.")
    subprocess.run([base, "-m", "venv", ground / "venv"], check=True)
    python = ground / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "-r", ROOT / "requirements.txt"]
    subprocess.run(install, check=True)
    return python


def checkout(folder):
    """What a host that clones the project gets."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    copy(files.split("\0")[:-1], folder)


def image(folder):
    """What deploy/Dockerfile puts into the image."""
    copy(re.findall(r"^COPY (?!--from)(\S+) (?!/)", (ROOT / "deploy" / "Dockerfile").read_text(), re.M), folder)


def copy(paths, folder):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        source = ROOT / path
        if source.is_dir():
            shutil.copytree(source, folder / path, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / path)
    subprocess.run(["chmod", "-R", "a-w,a+rX", folder], check=True)


@pytest.mark.parametrize("way", ["Community Cloud", "container"])
def test_it_streams_through_the_filter(way, ground, python, browser):
    folder = ground / way.replace(" ", "-")
    if way == "container":
        image(folder)
        script = "serve"
    else:
        checkout(folder)
        script = str(folder / "streamlit_app.py")
    with Server(script, folder, python=str(python), user=USER, HOME="/nonexistent") as server:
        if USER:
            assert f"Uid:\t{NOBODY}\t" in Path(f"/proc/{server.process.pid}/status").read_text()
        before = set(folder.rglob("*"))
        with LivePage(browser, server.url + "/?filter=red") as live_page:
            live_page.start()
            assert_shows(live_page, expected(PRESETS["red"].color))
            live_page.choose("cyan")
            assert_shows(live_page, expected(PRESETS["cyan"].color))
        assert set(folder.rglob("*")) == before
        assert "Traceback" not in server.log()
