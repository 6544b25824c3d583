"""Where the browser is, and how to start it with a fake camera."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "msedge"]
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def chromium(playwright):
    """The path of a Chromium that starts, None if there is none."""
    installed = [path for path in map(shutil.which, NAMES) if path]
    for path in [*installed, str(MAC), playwright.chromium.executable_path]:
        if Path(path).exists():
            try:
                playwright.chromium.launch(executable_path=path, args=QUIET).close()
                return path
            except Exception:
                continue  # a stub, such as Ubuntu's chromium-browser without its snap
    return None


def launch(playwright, *, camera=None, args=(), through=None):
    """Start the browser, with a file as its camera if one is given. Fails if there is no browser.

    `through` takes the browser's path and returns that of a script that starts it.
    """
    path = chromium(playwright)
    if path is None:
        raise RuntimeError("There is no Chromium; run `make chromium`.")
    path = through(path) if through else path
    if camera:
        args = [*args, *FAKE_CAMERA, f"--use-file-for-fake-video-capture={camera}"]
    return playwright.chromium.launch(executable_path=path, args=[*QUIET, *args])


if __name__ == "__main__":
    with sync_playwright() as playwright:
        sys.exit(chromium(playwright) is None)
