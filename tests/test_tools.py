"""The project's own set-up: time limits, pinned versions, what a machine has to have, and the files for other tools."""

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support import chromium
from tests.support.server import ROOT

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
# On Windows and macOS: what may differ there (numbers, codecs, the process), of what needs neither a browser, a server,
# a tool of Debian's, a terminal nor /proc. test_libvpx.py has bounds of time and memory.
UNIT = """
tests/test_filters.py tests/test_catalog.py tests/test_naming.py tests/yuv tests/test_frames.py
tests/views tests/vision tests/stills
tests/webrtc/encoding --ignore tests/webrtc/encoding/test_libvpx.py
tests/host/test_process.py::test_a_containers_limit_counts_where_it_is_below_the_cores
tests/host/test_process.py::test_without_containers_and_affinity_the_machine_counts
tests/host/test_process.py::test_a_system_without_glibc_goes_without_its_tuning
"""


def run(tool, *arguments):
    """A tool of the virtual environment, which finds nothing wrong."""
    done = subprocess.run([Path(sys.executable).parent / tool, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def requirements(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line.partition("#")[0]) for line in lines if re.match(r"\w", line)]


def test_a_test_that_runs_for_ever_fails(tmp_path, pytestconfig):
    assert 0 < float(pytestconfig.getini("timeout")) <= 120
    path = tmp_path / "test_for_ever.py"
    path.write_text("def test_for_ever():\n    while True:\n        pass\n")
    command = [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "-o", "timeout=1", path]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "Timeout (>1.0s)" in done.stdout


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_pinned_versions_are_allowed_ones(name, python):
    """One of each package for each Python, within what the requirements allow."""
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    pins = {}
    for pin in requirements("constraints.txt"):
        if pin.marker is None or pin.marker.evaluate(environment):
            [version] = pin.specifier
            assert version.operator == "=="
            assert canonicalize_name(pin.name) not in pins
            pins[canonicalize_name(pin.name)] = version.version
    for wanted in requirements(name):
        assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)]), f"{wanted}: run `make pins`"


def test_the_workflow_checks_and_tests_on_every_python_and_system():
    path = ROOT / ".github" / "workflows" / "ci.yml"
    run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", path)
    whole, unit = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
    assert whole["strategy"]["matrix"]["python"] == PYTHONS
    assert [step["run"] for step in whole["steps"] if "run" in step] == ["make check", "make test"]
    assert unit["strategy"]["matrix"]["system"] == ["windows-2025", "macos-15"]
    assert unit["steps"][-1]["run"].split() == ["python", "-m", "pytest", *UNIT.split()]


def test_what_runs_on_other_systems_is_there():
    for argument in UNIT.split():
        path, _, name = argument.partition("::")
        assert path == "--ignore" or (ROOT / path).exists()
        assert not name or f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


def test_the_hooks_are_tools_that_are_installed():
    path = ROOT / ".pre-commit-config.yaml"
    run("pre-commit", "validate-config", path)
    entries = [
        hook["entry"] for repo in yaml.safe_load(path.read_text(encoding="utf-8"))["repos"] for hook in repo["hooks"]
    ]
    for entry in entries:
        folder, tool = entry.split()[0].rsplit("/", 1)
        assert folder == ".venv/bin"
        assert (Path(sys.executable).parent / tool).exists()


@pytest.mark.parametrize("wrong", ["a == 1;", "nowhere();", "(a) => {"])
def test_wrong_javascript_is_found(wrong, tmp_path):
    path = tmp_path / "wrong.js"
    path.write_text(wrong)
    oxlint = [Path(sys.executable).parent / "oxlint", "--config", ROOT / ".oxlintrc.json"]
    assert subprocess.run([*oxlint, path], capture_output=True).returncode == 1
    path.write_text("(a) => a === 1\n")
    assert subprocess.run([*oxlint, path], capture_output=True).returncode == 0


PIP_CONF = """[global]
index-url = https://packages.example/simple
extra-index-url = file:///opt/simple
    https://more.example/simple
trusted-host = packages.example
cert = {cert}
constraint = /nowhere/constraints.txt
find-links = /nowhere/wheels
timeout = 10
[install]
proxy = http://proxy.example:3128
"""


def settings_carried(tmp_path, **environment):
    """The [global] part of the pip.conf that an empty Debian gets from a machine with PIP_CONF and those variables.

    What this machine's own /etc/pip.conf says beside that is in it too.
    """
    certificate = tmp_path / "certificate.pem"
    certificate.touch()
    path = tmp_path / "pip.conf"
    path.write_text(PIP_CONF.format(cert=certificate))
    alone = {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path), "PIP_CONFIG_FILE": str(path), **environment}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "XDG_"))}
    command = [sys.executable, "-m", "tests.support.pip_settings"]
    done = subprocess.run(command, cwd=ROOT, env=inherited | alone, capture_output=True, text=True, check=True)
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(done.stdout)
    assert parser.sections() == ["global"]
    return dict(parser["global"])


def test_an_empty_debian_gets_what_reaches_the_package_servers_and_no_local_file(tmp_path):
    carried = settings_carried(tmp_path)
    assert not {"constraint", "find-links"} & carried.keys()
    assert "/nowhere" not in "".join(carried.values())
    wanted = {
        "index-url": "https://packages.example/simple",
        "extra-index-url": "https://more.example/simple",
        "trusted-host": "packages.example",
        "cert": str(tmp_path / "certificate.pem"),
        "timeout": "10",
        "proxy": "http://proxy.example:3128",
    }
    assert carried.items() >= wanted.items()


def test_pips_variables_are_carried_by_the_same_rule(tmp_path):
    there = {"PIP_CONSTRAINT": "/nowhere/more.txt", "PIP_FIND_LINKS": "/nowhere/more", "PIP_CERT": "/nowhere.pem"}
    carried = settings_carried(tmp_path, PIP_PROXY="http://other.example:3128", **there)
    assert carried["proxy"] == "http://other.example:3128"
    assert not {"constraint", "find-links", "cert"} & carried.keys()
    assert "/nowhere" not in "".join(carried.values())


def test_a_node_that_does_not_start_is_no_missing_chromium(tmp_path, monkeypatch):
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho 'libatomic.so.1: cannot open shared object file' >&2\nexit 127\n")
    node.chmod(0o755)
    monkeypatch.setattr(chromium, "compute_driver_executable", lambda: (str(node), "cli.js"))
    monkeypatch.setattr(chromium.shutil, "which", "/usr/bin/{}".format)
    missing = chromium.missing_packages()
    assert list(missing) == ["libatomic1"]
    assert "libatomic.so.1: cannot open" in missing["libatomic1"]


def test_curl_and_chromium_are_missed_where_nothing_is_installed(monkeypatch):
    monkeypatch.setattr(chromium, "driver_error", lambda: "it does not start")
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None)
    assert list(chromium.missing_packages()) == ["curl", "libatomic1", "chromium"]
