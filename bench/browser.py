"""One viewer of an app in a real Chromium, and what the page's clock and the server's say about it."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.clip import CLIP_FRAMES, FRAMES_PER_SECOND
from bench.lag import lags
from tests.support.server import ROOT, Server

STREAMER = "iframe[title^='streamlit_webrtc']"
WATCH = (Path(__file__).parent / "watch.js").read_text()
APPS = {"ours": "streamlit_app.py", "stock": "bench/stock_app.py"}
# The stock app runs where no configuration of ours is.
FOLDERS = {"ours": ROOT, "stock": ROOT / "bench"}
STATS = """async () => Object.fromEntries([...(await window.connection.getStats()).values()].flatMap(
    s => s.type === "candidate-pair" && !s.nominated ? [] : [[s.type, s]]))"""


def address(way: str, width: int, height: int) -> str:
    """The page's path for a camera of that size and a red filter."""
    return f"/?filter=red&resolution={height}p" if way == "ours" else f"/?width={width}&height={height}"


def server_of(way: str) -> Server:
    """The app, ours or stock, as it is started."""
    return Server(APPS[way], FOLDERS[way])


class Viewer:
    """A page of a browser, in a context of its own, or of a context; leave the `with` block to close it.

    Times are in seconds on the page's clock.
    """

    def __init__(self, browser, url):
        self.page = browser.new_page()
        self.page.add_init_script(WATCH)
        self.page.goto(url)
        self._streamer = self.page.frame_locator(STREAMER)
        self._button("Start").wait_for()
        self.frame = self.page.query_selector(STREAMER).content_frame()

    def _button(self, name):
        return self._streamer.get_by_role("button", name=name)

    def press_start(self):
        self._button("Start").click()

    def press_stop(self):
        self._button("Stop").click()
        # The streamer keeps it disabled for half a second; to click it at once would wait for it in larger steps.
        self._streamer.get_by_role("button", name="Start", disabled=False).wait_for()

    def log(self):
        """Frames sent and shown so far, each (time, number, red, green, blue, width, height, stamp)."""
        log = self.frame.evaluate("window.bench")
        return {what: [(at / 1000, *rest) for at, *rest in log[what]] for what in ("sent", "shown")}

    def pressed(self):
        """When the button was pressed."""
        return self.frame.evaluate("window.bench.presses[0]") / 1000

    def now(self):
        return self.frame.evaluate("performance.timeOrigin + performance.now()") / 1000

    def lags(self, since=0.0, until=float("inf")):
        """Seconds from camera to screen of each frame shown in that time."""
        log = self.log()
        sent = [frame[:2] for frame in log["sent"]]
        shown = [(*frame[:2], frame[7]) for frame in log["shown"]]
        return [lag for at, lag in lags(sent, shown, CLIP_FRAMES / FRAMES_PER_SECOND) if since <= at < until]

    def wait_for_size(self, height, patience, steady):
        """Wait until all frames of the last `steady` seconds had that height; False if `patience` seconds passed."""
        recent = f"performance.timeOrigin + performance.now() - {steady * 1000}"
        script = f"window.bench.shown.filter(f => f[0] > {recent}).every(f => f[6] >= {height})"
        time.sleep(steady)
        return self.wait_for(script, patience - steady)

    def wait_for_frames(self, count, patience):
        """Wait until that many frames have been shown; False if it took longer than `patience` seconds."""
        return self.wait_for(f"window.bench.shown.length >= {count}", patience)

    def wait_for(self, script, patience):
        """Wait until that JavaScript is true in the streamer; False if it was not after `patience` seconds."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if self.frame.evaluate(script):
                return True
            time.sleep(0.05)
        return False

    def stats(self):
        """The connection's statistics by type, as `getStats` names them."""
        return self.frame.evaluate(STATS)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.page.close()


def cpu_seconds(pid: int) -> float:
    """What the process, all its threads together, has used so far (proc(5): utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """What is started in here runs on that core alone; anywhere if it is None."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before if core is None else {sorted(before)[core]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
