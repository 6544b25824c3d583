"""One viewer of an app in a real Chromium, and what the page's clock and the server's say about it."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser, BrowserContext, Frame, Locator

from bench.clip import CLIP_FRAMES, FRAMES_PER_SECOND
from bench.lag import lags
from tests.support.server import HERE, ROOT, Here, Server

STREAMER = "iframe[title^='streamlit_webrtc']"
WATCH = (Path(__file__).parent / "watch.js").read_text(encoding="utf-8")
APPS = {"ours": "streamlit_app.py", "stock": "bench/stock_app.py"}
# The stock app runs where no configuration of ours is.
FOLDERS = {"ours": ROOT, "stock": ROOT / "bench"}
STATS = """async () => Object.fromEntries([...(await window.connection.getStats()).values()].flatMap(
    s => s.type === "candidate-pair" && !s.nominated ? [] : [[s.type, s]]))"""


def address(way: str, width: int, height: int) -> str:
    """The page's path for a camera of that size and a red filter."""
    return f"/?filter=red&resolution={height}p" if way == "ours" else f"/?width={width}&height={height}"


def server_of(way: str, place: Here = HERE) -> Server:
    """The app, ours or stock, as it is started, at a place."""
    return Server(APPS[way], FOLDERS[way], place)


class Viewer:
    """A page of a browser, in a context of its own, or of a context; leave the `with` block to close it.

    Times are in seconds on the page's clock.
    """

    def __init__(self, browser: Browser | BrowserContext, url: str) -> None:
        self.page = browser.new_page()
        self.page.add_init_script(WATCH)
        self.page.goto(url)
        self._streamer = self.page.frame_locator(STREAMER)
        self._button("Start").wait_for()
        self.frame = self._frame()

    def _frame(self) -> Frame:
        streamer = self.page.query_selector(STREAMER)
        frame = streamer.content_frame() if streamer else None
        assert frame
        return frame

    def _button(self, name: str) -> Locator:
        return self._streamer.get_by_role("button", name=name)

    def press_start(self) -> None:
        self._button("Start").click()

    def press_stop(self) -> None:
        self._button("Stop").click()
        # The streamer keeps it disabled for half a second; to click it at once would wait for it in larger steps.
        self._streamer.get_by_role("button", name="Start", disabled=False).wait_for()

    def log(self) -> dict[str, list[tuple[Any, ...]]]:
        """Frames sent and shown so far, each (time, number, red, green, blue, width, height, stamp)."""
        log = self.frame.evaluate("window.bench")
        return {what: [(at / 1000, *rest) for at, *rest in log[what]] for what in ("sent", "shown")}

    def pressed(self) -> float:
        """When the button was pressed."""
        return float(self.frame.evaluate("window.bench.presses[0]")) / 1000

    def connections(self) -> int:
        """How many connections the page has made."""
        return int(self.frame.evaluate("window.bench.connections"))

    def now(self) -> float:
        return float(self.frame.evaluate("performance.timeOrigin + performance.now()")) / 1000

    def lags(self, since: float = 0.0, until: float = float("inf"), frames: int = CLIP_FRAMES) -> list[float]:
        """Seconds from camera to screen of each frame shown in that time, of a scene of so many frames."""
        log = self.log()
        sent = [(frame[0], frame[1]) for frame in log["sent"]]
        shown = [(frame[0], frame[1], frame[7]) for frame in log["shown"]]
        return [lag for at, lag in lags(sent, shown, frames / FRAMES_PER_SECOND) if since <= at < until]

    def wait_for_size(self, height: int, patience: float, steady: float) -> bool:
        """Wait until all frames of the last `steady` seconds had that height; False if `patience` seconds passed."""
        recent = f"performance.timeOrigin + performance.now() - {steady * 1000}"
        script = f"window.bench.shown.filter(f => f[0] > {recent}).every(f => f[6] >= {height})"
        time.sleep(steady)
        return self.wait_for(script, patience - steady)

    def wait_for_frames(self, count: int, patience: float) -> bool:
        """Wait until that many frames have been shown; False if it took longer than `patience` seconds."""
        return self.wait_for(f"window.bench.shown.length >= {count}", patience)

    def wait_for(self, script: str, patience: float) -> bool:
        """Wait until that JavaScript is true in the streamer; False if it was not after `patience` seconds."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if self.frame.evaluate(script):
                return True
            time.sleep(0.05)
        return False

    def stats(self) -> dict[str, dict[str, Any]]:
        """The connection's statistics by type, as `getStats` names them."""
        stats: dict[str, dict[str, Any]] = self.frame.evaluate(STATS)
        return stats

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.page.close()


def cpu_seconds(pid: int) -> float:
    """What the process, all its threads together, has used so far."""
    return _cpu_seconds(Path(f"/proc/{pid}/stat"))


def _cpu_seconds(stat: Path) -> float:
    """utime and stime of proc(5)."""
    fields = stat.read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def event_loop_seconds(pid: int) -> float:
    """What the first thread of the process, in which a server has its event loop, has used so far."""
    return _cpu_seconds(Path(f"/proc/{pid}/task/{pid}/stat"))


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """What is started in here runs on that core alone; anywhere if it is None."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before if core is None else {sorted(before)[core]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
