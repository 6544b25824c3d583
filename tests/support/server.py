"""The app as a user starts it, on a free port of loopback."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from tests.support.patience import until
from tests.support.processes import written

ROOT = Path(__file__).parents[2]
QUIET = {"STREAMLIT_SERVER_HEADLESS": "true", "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"}


class Here:
    """This machine's loopback, where servers and browsers are unless they are somewhere else (networks.py)."""

    address = "127.0.0.1"
    enter = ()  # the words before a command that has it run there

    def entered(self):
        """What this thread starts and connects to in the `with` block is there."""
        return contextlib.nullcontext()

    def free_port(self):
        with socket.socket() as probe:
            probe.bind((self.address, 0))
            return probe.getsockname()[1]

    def answers(self, url):
        try:
            urllib.request.urlopen(url)
            return True
        except (urllib.error.URLError, ConnectionError):
            return False


HERE = Here()


class Server:
    """A running app, or the app with its API if `script` is "serve". Leave the `with` block to stop it.

    It is started at a place, in `folder`, whose .streamlit/config.toml it reads, by `python`, as the user of that
    number and on that port, a free one if none is given. `log()` is all that it has printed.

    Streamlit puts the script's folder on the app's path. So tests/apps holds apps alone: a helper beside them would
    hide the package of its name.
    """

    def __init__(
        self,
        script="streamlit_app.py",
        folder=ROOT,
        place=HERE,
        python=sys.executable,
        user=None,
        port=None,
        **environment,
    ):
        self._place = place
        self.port = port or place.free_port()
        self.url = f"http://{place.address}:{self.port}"
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the server stops)
        if script == "serve":
            command = ["colorfilter", "serve", "--port", str(self.port), "--address", place.address]
        else:
            command = ["streamlit", "run", str(ROOT / script)]
            command += ["--server.port", str(self.port), "--server.address", place.address]
        self.process = subprocess.Popen(
            [*place.enter, python, "-m", *command],
            cwd=folder,
            user=user,
            env={**os.environ, **QUIET, **environment},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        self._wait()

    def _wait(self):
        def answers():
            assert self.process.poll() is None, f"The app did not start:\n{self.log()}"
            return self._place.answers(f"{self.url}/_stcore/health")

        try:
            until(answers, told=self.log)
        except BaseException:
            self.__exit__()
            raise

    def log(self):
        return written(self._output)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._output.close()
