"""How pip reaches the package servers from this machine, as a pip.conf: `python -m tests.support.pip_settings`.

What names a local file or folder (constraint, find-links, a file:// index) stays behind, for the other machine has none
of it; the certificates alone are named, and are the caller's to carry.
"""

import ast
import subprocess
import sys
from pathlib import Path

SECTIONS = ["global.", "install.", ":env:."]  # the later ones win, as pip reads them
SERVERS = ["index-url", "extra-index-url"]
OTHERS = ["trusted-host", "proxy", "timeout", "default-timeout"]


def kept(key: str, value: str) -> str:
    """The part of that setting's value that also holds on another machine, or an empty string."""
    if key in SERVERS:
        return " ".join(url for url in value.split() if url.startswith(("http://", "https://")))
    if key == "cert":
        return value if Path(value).is_file() else ""
    return " ".join(value.split()) if key in OTHERS else ""


def pip_conf(listed: str) -> str:
    """A pip.conf from what `pip config list` prints: a line for each setting, section.key='value'."""
    settings = dict(line.split("=", 1) for line in listed.splitlines())
    values = {}
    for section in SECTIONS:
        for name, value in settings.items():
            if name.startswith(section):
                key = name.removeprefix(section)
                values[key] = kept(key, ast.literal_eval(value))
    return "\n".join(["[global]", *(f"{key} = {value}" for key, value in values.items() if value), ""])


if __name__ == "__main__":
    command = [sys.executable, "-m", "pip", "config", "list"]
    print(pip_conf(subprocess.run(command, check=True, capture_output=True, text=True).stdout), end="")
