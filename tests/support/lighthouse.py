"""Lighthouse, as `make lighthouse` installs it, on the Chromium of the other tests."""

import json
import os
import subprocess
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

from tests.support.chromium import QUIET, chromium
from tests.support.patience import PATIENCE

COMMAND = Path(__file__).parents[2] / ".venv/lighthouse/node_modules/lighthouse/cli/index.js"
CATEGORIES = ("performance", "accessibility", "best-practices")


def lighthouse(playwright, url, folder):
    """Lighthouse's report of a page with the settings of a desktop. Fails if Lighthouse is not there."""
    if not COMMAND.is_file():
        raise RuntimeError("There is no Lighthouse; run `make lighthouse`.")
    report = folder / "report.json"
    node, _ = compute_driver_executable()
    flags = " ".join(["--headless=new", *QUIET])
    command = [node, COMMAND, url, "--preset=desktop", "--quiet", "--output=json", f"--output-path={report}"]
    command += [f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={flags}"]
    environment = {**os.environ, "CHROME_PATH": chromium(playwright)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=150 * PATIENCE)
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed:\n{done.stderr}")
    return json.loads(report.read_text(encoding="utf-8"))


def faults(report, category):
    """The audits of a category that a page does not pass and that count in its score."""
    audits = report["audits"]
    counted = [reference["id"] for reference in report["categories"][category]["auditRefs"] if reference["weight"]]
    return [audits[name]["title"] for name in counted if audits[name]["score"] not in (None, 1)]
