"""The project where a host installs it: requirements alone, files that nobody may write, no rights; and as a wheel."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement

from colorfilter import PRESETS, filter_image
from colorfilter.stills.decode import read_picture
from tests.support.bars import assert_shows, expected
from tests.support.page import LivePage
from tests.support.pictures import blocks, saved
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
    subprocess.run([*install(python), "-r", ROOT / "requirements.txt"], check=True)
    return python


def install(python):
    """The words before what this Python is to have."""
    return [python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]


def checkout(folder):
    """What a host that clones the project gets."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    copy(files.split("\0")[:-1], folder)


def image(folder):
    """What deploy/Dockerfile puts into the image."""
    copy(
        re.findall(r"^COPY (?!--from)(\S+) (?!/)", (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8"), re.M),
        folder,
    )


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
            assert f"Uid:\t{NOBODY}\t" in Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
        before = set(folder.rglob("*"))
        with LivePage(browser, server.url + "/?filter=red") as live_page:
            live_page.start()
            assert_shows(live_page, expected(PRESETS["red"].color))
            live_page.choose("cyan")
            assert_shows(live_page, expected(PRESETS["cyan"].color))
        assert set(folder.rglob("*")) == before
        assert "Traceback" not in server.log()


@pytest.fixture(scope="module")
def wheel_python(ground, python):
    """The Python of a copy of that environment, in which pip finds all that the project's wheel needs."""
    source = ground / "source"
    checkout(source)
    subprocess.run(["chmod", "-R", "u+w", source], check=True)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", ground / "wheel", source]
    subprocess.run(build, check=True)
    shutil.rmtree(source)
    [wheel] = (ground / "wheel").iterdir()
    shutil.copytree(python.parents[1], ground / "wheel-venv", symlinks=True, copy_function=os.link)
    python = ground / "wheel-venv" / "bin" / "python"
    subprocess.run([*install(python), "--no-index", wheel], check=True)
    return python


def test_a_wheel_asks_for_what_the_project_needs(wheel_python):
    """All of it is there already, so that nothing else would tell."""
    asked = "from importlib.metadata import requires; print(*(requires('colorfilter') or ()), sep='\\n')"
    said = subprocess.run([wheel_python, "-c", asked], cwd="/", capture_output=True, text=True, check=True).stdout
    needed = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert requirements(said) == requirements(needed) != set()


def requirements(text):
    """Those that stand there, one a line, as pip understands them."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return {Requirement(line) for line in lines if line}


def test_a_wheel_brings_the_command_line(wheel_python, tmp_path):
    (tmp_path / "photo.png").write_bytes(saved(blocks()))
    command = wheel_python.parent / "colorfilter"
    subprocess.run([command, "red", "photo.png"], cwd=tmp_path, check=True)
    filtered = read_picture((tmp_path / "photo-red.png").read_bytes())
    assert np.array_equal(filtered, filter_image(blocks(), PRESETS["red"]))


def test_a_wheel_brings_the_page_its_assets_and_its_settings(wheel_python, tmp_path, browser):
    with Server("serve", tmp_path, python=str(wheel_python)) as server:
        with LivePage(browser, server.url + "/?filter=red") as live_page:
            live_page.start()
            assert_shows(live_page, expected(PRESETS["red"].color))
            background = live_page.page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
            assert background == "rgb(251, 250, 255)"  # backgroundColor in .streamlit/config.toml
            live_page.page.goto(server.url + "/?source")
            live_page.page.get_by_text("colorfilter/_app/streamlit_app.py").wait_for()
        assert "Traceback" not in server.log()
