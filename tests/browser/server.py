"""The app as a user starts it, on a free port of loopback."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Server:
    """A running app. `log()` is all that it has printed; leave the `with` block to stop it."""

    def __init__(self, script="streamlit_app.py", **environment):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the server stops)
        self.process = subprocess.Popen(
            [
                *[sys.executable, "-m", "streamlit", "run", str(ROOT / script)],
                *["--server.port", str(self.port), "--server.address", "127.0.0.1"],
            ],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        self._wait()

    def _wait(self):
        for _ in range(300):
            if self.process.poll() is not None:
                raise RuntimeError(f"The app did not start:\n{self.log()}")
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health")
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise RuntimeError(f"The app did not answer within 30 seconds:\n{self.log()}")

    def log(self):
        self._output.seek(0)
        return self._output.read().decode()

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
