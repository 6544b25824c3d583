"""The command line, in this process, or as a user types it in one of its own."""

import contextlib
import io
import subprocess
import sys
from unittest import mock

from colorfilter.__main__ import main
from tests.support.server import ROOT

MODULE = [sys.executable, "-m", "colorfilter"]
ENVIRONMENT = {"PYTHONPATH": str(ROOT)}


def colorfilter(folder, *words, data=b"", code=0, apart=False):
    """Run it in the folder; check its exit code, that nobody sees a traceback, and that no half of a file is left.

    `apart`: in a process of its own, with pipes as its stdin, stdout and stderr.
    """
    words = [str(word) for word in words]
    done = (_run_apart if apart else _run_here)(folder, words, data)
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert not list(folder.rglob("*.part"))
    return done


def _run_apart(folder, words, data):
    command = [*MODULE, *words]
    return subprocess.run(command, cwd=folder, input=data, capture_output=True, env=ENVIRONMENT, timeout=60)


def _run_here(folder, words, data):
    stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(data)), encoding="utf-8")
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with contextlib.chdir(folder), mock.patch.multiple(sys, stdin=stdin, stdout=stdout, stderr=stderr):
        try:
            code = main(words)
        except SystemExit as ended:
            code = ended.code
    return subprocess.CompletedProcess(words, code, stdout.buffer.getvalue(), stderr.buffer.getvalue())
