"""Peers that send what no browser sends, beside a viewer who notices nothing of it."""

import collections
import contextlib
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from colorfilter.host.settings import Settings
from tests.browser.test_engine import POOL, state_of
from tests.support import figures
from tests.support.attacks import JUMP, LIMITS, UPLOAD_BYTES
from tests.support.page import LivePage
from tests.support.patience import until
from tests.support.server import ROOT, Server

pytestmark = pytest.mark.hostile

WATCH_TIMES = """() => {
  window.times = [];
  const video = document.querySelector("video");
  const note = (now) => { window.times.push(now); video.requestVideoFrameCallback(note); };
  video.requestVideoFrameCallback(note);
}"""
SIZE = 640 * 480  # the viewer's pictures; the attackers' are smaller, or far larger
COUNTED = [
    *("connections_total", "runs_total", "packets_asked_total", "pictures_left_out_total", "held_bytes", "viewers"),
    *("picture_pixels_count", "picture_pixels_sum", f"picture_pixels_bucket[{SIZE}]"),
]
CONNECT = ("huge pictures", "many pictures", "jumps", "malformed", "made-up streams", "extensions")
SETTLE_S = 45  # at most, until the attackers' pages are forgotten, and free memory is back with the kernel


@pytest.fixture(scope="module")
def seen(browser):
    """What the viewer saw, what the attackers did, the server before and after, and how much `more` it has counted."""
    with Server("serve", **LIMITS) as server, LivePage(browser, f"{server.url}/?resolution=480p") as page:
        page.start()
        page.wait_for_frames(150)
        before, counted_before = state_of(server), figures.of(server)
        forget_peak(server)
        page.frame().evaluate(WATCH_TIMES)
        attack = subprocess.run(
            [sys.executable, "-m", "tests.support.attacks", server.url], cwd=ROOT, capture_output=True, text=True
        )
        times = page.frame().evaluate("window.times")
        peak = peak_kilobytes(server)
        with contextlib.suppress(AssertionError):  # what is not as it was by then, the tests below say
            until(lambda: has_settled(server, before, counted_before), SETTLE_S, pause=lambda: time.sleep(1))
        after, counted = state_of(server), figures.of(server)
        log = server.log()
        page.wait_for_frames(30)
        assert page.frame().evaluate("window.connections") == 1
    assert attack.returncode == 0, attack.stderr
    did = collections.Counter(json.loads(attack.stdout.splitlines()[-1]))
    gaps = [later - sooner for sooner, later in itertools.pairwise(times)]
    rate = 1000 * len(gaps) / (times[-1] - times[0])
    print(f"{rate:.1f} pictures a second, longest gap {max(gaps):.0f} ms; {did}")
    print(f"before {before}, peak {peak}, after {after}")
    more = {name.removeprefix("colorfilter_"): value - counted_before.get(name, 0) for name, value in counted.items()}
    print({name: more[name] for name in COUNTED})
    return SimpleNamespace(pictures=len(times), before=before, after=after, did=did, log=log, peak=peak, more=more)


def is_as_before(after, before):
    """Whether memory, threads and descriptors have come back to where they were."""
    more = [late - early for late, early in zip(after, before, strict=True)]
    return all(one <= limit for one, limit in zip(more, (50_000, POOL, 5), strict=True))


def has_settled(server, before, counted_before):
    """Whether what the attackers took is free again."""
    counted = figures.of(server)
    free = all(counted[name] == counted_before[name] for name in ("colorfilter_viewers", "colorfilter_held_bytes"))
    return free and is_as_before(state_of(server), before)


def forget_peak(server):
    """Count the peak of the server's memory from now on (proc(5))."""
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5", encoding="utf-8")


def peak_kilobytes(server):
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0])


def test_the_attacks_took_place(seen):
    did = seen.did
    assert not [what for what in did if "failed" in what]
    for name in CONNECT:
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
    assert seen.pictures > 100


def test_an_offer_costs_one_connection_at_most(seen):
    """Answered are those who connect, the one that is ended for its pictures, and one whose candidates lead nowhere."""
    answered = len(CONNECT) + seen.did["overruns ended"] + 1
    assert answered <= seen.more["connections_total"] <= answered + seen.did["offers"]


def test_a_message_has_one_run_of_the_page_and_one_more_at_most(seen):
    """To hand an answer on, or to take it back."""
    assert 0 < seen.more["runs_total"] <= 2 * seen.did["messages"]


def test_no_picture_is_decoded_that_is_larger_than_the_viewers(seen):
    more = seen.more
    assert more["pictures_left_out_total"] > 0
    assert more[f"picture_pixels_bucket[{SIZE}]"] == more["picture_pixels_count"] >= seen.pictures


def test_not_even_one_jump_of_the_numbers_is_asked_for(seen):
    assert seen.more["packets_asked_total"] < JUMP


def test_what_a_page_uploads_is_held_up_to_its_limit_and_not_for_long(seen):
    assert UPLOAD_BYTES <= seen.did["held bytes"] <= Settings().max_uploads * UPLOAD_BYTES
    assert seen.more["held_bytes"] == 0


def test_the_attackers_places_are_free_again(seen):
    assert seen.more["viewers"] == 0


def test_memory_ends_where_it_began(seen):
    assert is_as_before(seen.after, seen.before)


def test_memory_never_has_the_pictures_that_are_too_large(seen):
    """One of 8192 x 8192 is 100 MB decoded, and its reference frames as much each."""
    assert seen.peak - seen.before[0] <= 250_000


def test_the_log_has_no_traceback(seen):
    assert "Traceback" not in seen.log
