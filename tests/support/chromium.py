"""Where the browser is, and how to start it with a fake camera."""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright._impl._driver import compute_driver_executable, get_driver_env
from playwright.sync_api import sync_playwright

# CHROMIUM in the environment names one to take before these. Debian's chromium-headless-shell has the same engine
# without a window around each page, for a fifth less of the processor.
NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "msedge"]
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

# Our `--disable-features` replaces Playwright's, so its list is repeated, without what is for Edge, Windows or macOS.
# The last two are pages that a Chromium loads for the address bar of each window, which is each context: near a second
# of one core.
DISABLED_FEATURES = [
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
]
QUIET = [
    f"--disable-features={','.join(DISABLED_FEATURES)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@functools.cache
def chromium(playwright, window=False):
    """The path of a Chromium that starts, None if there is none; one with a window if asked. It is looked for once."""
    named = [] if window else [os.environ.get("CHROMIUM", "")]
    installed = [path for path in map(shutil.which, [*named, *NAMES]) if path]
    for path in [*installed, str(MAC), playwright.chromium.executable_path]:
        if Path(path).exists():
            try:
                playwright.chromium.launch(executable_path=path, args=QUIET).close()
                return path
            except Exception:
                continue  # a stub, such as Ubuntu's chromium-browser without its snap
    return None


def launch(playwright, *, camera=None, args=(), through=None, window=False):
    """Start the browser, with a file as its camera if one is given. Fails if there is no browser.

    `window` is for what a browser without one does not have: permissions, and cameras whose names last.
    `through` takes the browser's path and returns that of a script that starts it.
    """
    path = chromium(playwright, window)
    if path is None:
        raise RuntimeError("There is no Chromium; run `make chromium`.")
    path = through(path) if through else path
    if camera:
        args = [*args, *FAKE_CAMERA, f"--use-file-for-fake-video-capture={camera}"]
    return playwright.chromium.launch(executable_path=path, args=[*QUIET, *args])


def driver_error():
    """Why Playwright's Node does not start, such as a library that is not there; empty if it starts."""
    node, _ = compute_driver_executable()
    try:
        done = subprocess.run([node, "--version"], env=get_driver_env(), capture_output=True, text=True)
    except OSError as error:
        return str(error)
    return "" if done.returncode == 0 else done.stderr.strip() or f"it ended with code {done.returncode}"


def missing_packages():
    """What the browser tests need and do not find: Debian's package, and a sentence about it."""
    missing = {}
    if shutil.which("curl") is None:
        missing["curl"] = "There is no curl, with which the README's examples are tried."
    if error := driver_error():
        missing["libatomic1"] = f"Playwright's Node does not start: {error}"
        found = any(map(shutil.which, NAMES))
    else:
        with sync_playwright() as playwright:
            found = chromium(playwright)
    if not found:
        missing["chromium"] = "There is no Chromium or Chrome that starts."
    return missing


if __name__ == "__main__":
    missing = missing_packages()
    for package, sentence in missing.items():
        print(package)
        print(f"{sentence} On Debian and Ubuntu the package {package} has it.", file=sys.stderr)
    sys.exit(bool(missing))
