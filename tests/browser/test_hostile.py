"""Peers that send what no browser sends, beside a viewer who notices nothing of it."""

import collections
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.browser.test_engine import POOL, state_of
from tests.support.attacks import LIMITS
from tests.support.page import LivePage
from tests.support.server import ROOT, Server

pytestmark = pytest.mark.hostile

WATCH_TIMES = """() => {
  window.times = [];
  const video = document.querySelector("video");
  const note = (now) => { window.times.push(now); video.requestVideoFrameCallback(note); };
  video.requestVideoFrameCallback(note);
}"""
SETTLE_S = 45  # until the attackers' pages are forgotten, and free memory is back with the kernel


@pytest.fixture(scope="module")
def seen(browser):
    """What the viewer saw, what the attackers did, and the server before and after."""
    with Server("serve", **LIMITS) as server, LivePage(browser, f"{server.url}/?resolution=480p") as page:
        page.start()
        page.wait_for_frames(150)
        before = state_of(server)
        forget_peak(server)
        page.frame().evaluate(WATCH_TIMES)
        attack = subprocess.run(
            [sys.executable, "-m", "tests.support.attacks", server.url], cwd=ROOT, capture_output=True, text=True
        )
        times = page.frame().evaluate("window.times")
        peak = peak_kilobytes(server)
        time.sleep(SETTLE_S)
        after = state_of(server)
        log = server.log()
        page.wait_for_frames(30)
        assert page.frame().evaluate("window.connections") == 1
    assert attack.returncode == 0, attack.stderr
    did = collections.Counter(json.loads(attack.stdout.splitlines()[-1]))
    gaps = [later - sooner for sooner, later in itertools.pairwise(times)]
    rate = 1000 * len(gaps) / (times[-1] - times[0])
    print(f"{rate:.1f} pictures a second, longest gap {max(gaps):.0f} ms; {did}")
    print(f"before {before}, peak {peak}, after {after}")
    return len(times), before, after, did, log, peak


def forget_peak(server):
    """Count the peak of the server's memory from now on (proc(5))."""
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5", encoding="utf-8")


def peak_kilobytes(server):
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0])


def test_the_attacks_took_place(seen):
    did = seen[3]
    assert not [what for what in did if "failed" in what]
    for name in ("huge pictures", "many pictures", "jumps", "malformed", "made-up streams", "extensions"):
        assert did[f"{name}: connected"] == 1
    assert did["rtcp"] > 100
    assert did["offers"] == 7
    assert did["first messages"] == 10
    assert 0 < did["candidates asked"] <= 32
    assert did["junk states"] == 6
    assert did["queries"] == 42
    assert did["many scans 413"] == 2  # the time is up
    assert did["deep 200"] == 2
    assert did["junk 415"] == 2
    assert did["beside idle posts 200"] == 1
    assert did["upload 204"] == 12
    assert did["stalled upload 408"] == 4
    assert did["stalled upload 429"] + did["stalled upload ended"] == 16  # refused before they were sent
    assert did["overruns ended"] == 1
    assert did["foreign origins refused"] == 20


def test_the_viewer_goes_on_over_the_same_connection(seen):
    pictures, *_ = seen
    assert pictures > 100


def test_memory_ends_where_it_began(seen):
    _, before, after, *_ = seen
    assert after[0] - before[0] <= 50_000
    assert after[1] - before[1] <= POOL
    assert after[2] - before[2] <= 5


def test_memory_never_has_the_pictures_that_are_too_large(seen):
    """One of 8192 x 8192 is 100 MB decoded, and its reference frames as much each."""
    _, before, *_, peak = seen
    assert peak - before[0] <= 250_000


def test_the_log_has_no_traceback(seen):
    log = seen[4]
    assert "Traceback" not in log
