"""A stream that dies starts again by itself, and only if the visitor had it running; and the page says what it does."""

import os
import re
import signal

import pytest
from playwright.sync_api import expect

from colorfilter.page.components.connection_check import ADVICE
from tests.support.chromium import launch
from tests.support.look import SIZES, assert_fits_and_reads_well
from tests.support.page import LivePage
from tests.support.patience import until
from tests.support.processes import processes_of
from tests.support.server import Server

AGAIN = "It starts again by itself"


@pytest.fixture
def running(live_page):
    live_page.start()
    live_page.wait_for_frames(5)
    return live_page


def says(live_page):
    return live_page.page.locator(".watch")


@pytest.mark.slow
def test_a_server_that_is_another_process_now(browser):
    with Server(COLORFILTER_ICE_SERVERS="[]") as first, LivePage(browser, first.url + "/?filter=red") as live_page:
        live_page.start()
        live_page.choose("cyan")
        live_page.wait_for_frames(5)
        first.process.kill()
        first.process.wait()
        says(live_page).get_by_text("The connection to the server is lost.").wait_for()
        with Server(COLORFILTER_ICE_SERVERS="[]", port=first.port):
            live_page.wait_for_another_connection()
            live_page.page.get_by_text("Cyan keeps green and blue").wait_for()
            live_page.wait_for_figures()
            expect(says(live_page)).to_be_empty()
            live_page.stop_button.click()
            live_page.page.get_by_text("kept nowhere").wait_for()


@pytest.mark.slow
def test_frames_that_no_longer_come(running):
    """The server's end is alive and silent: only the frames tell."""
    running.frame().evaluate("window.connection.getReceivers().forEach(({ track }) => track.stop())")
    running.frame().evaluate("window.connection.getTransceivers().forEach((t) => (t.direction = 'inactive'))")
    running.frame().evaluate(
        """async () => {
          await window.connection.setLocalDescription(await window.connection.createOffer());
          const { sdp } = window.connection.remoteDescription;
          const inactive = sdp.replace(/a=(sendrecv|sendonly|recvonly)/g, 'a=inactive');
          await window.connection.setRemoteDescription({ type: 'answer', sdp: inactive });
        }"""
    )
    says(running).get_by_text(AGAIN).wait_for()
    running.wait_for_another_connection()


def test_a_connection_that_ends(running):
    running.frame().evaluate("window.connection.close()")
    running.wait_for_another_connection()


def test_what_the_visitor_stopped_stays_stopped(app, browser):
    with LivePage(browser, app.url, clock=True) as live_page:
        live_page.start()
        live_page.wait_for_frames(5)
        live_page.stop_button.click()
        live_page.start_button.wait_for()
        live_page.pass_looks(5)
        assert live_page.frame().evaluate("window.connections") == 1
        assert live_page.cameras_on() == 0
        assert says(live_page).inner_text() == ""


LOOK = """async (looks) => {
  let frames = 0, bytes = 0, answers = 0;
  const stats = () => [{ type: "inbound-rtp", kind: "video", framesDecoded: frames, bytesReceived: bytes },
    { type: "candidate-pair", responsesReceived: answers }];
  const getStats = async () => new Map(stats().entries());
  const connection = { connectionState: "connected", localDescription: {}, getStats };
  const watched = { connection, unanswered: 0, age: 0, stuck: 0, quiet: 0, steady: 0 };
  const dead = [];
  for (const look of looks) {
    if (look === "frame") [frames, bytes] = [frames + 30, bytes + 90_000];
    if (look !== "nothing") answers += 1;
    await window.colorFilter.streamHealth.look(watched);
    dead.push(window.colorFilter.streamHealth.isDead(watched));
  }
  return dead;
}"""


def dead_after(page, *looks):
    """How many looks it takes until a stream counts as dead, None if it never does.

    A look sees a frame, an answer to ICE alone, or nothing.
    """
    page.wait_for_function("window.colorFilter?.streamHealth")
    dead = page.evaluate(LOOK, list(looks))
    return dead.index(True) + 1 if True in dead else None


def test_an_absent_network_has_longer_than_a_silent_server_and_after_it_the_frames_have_their_time(live_page):
    page, seen = live_page.page, ["frame"] * 3
    assert dead_after(page, *seen, *["answer"] * 9) == 3 + 5
    assert dead_after(page, *seen, *["nothing"] * 20) == 3 + 14
    assert dead_after(page, *seen, *["nothing"] * 11, "answer", *["frame"] * 5) is None
    assert dead_after(page, *seen, *["nothing"] * 11, *["answer"] * 4, *["frame"] * 5) is None
    assert dead_after(page, *seen, *["nothing"] * 11, *["answer"] * 9) == 3 + 11 + 6


def test_a_browser_that_never_answers_is_not_waited_for(live_page):
    """Firefox does not, where the connection is closed after it was asked: the page then looked no more."""
    live_page.page.wait_for_function("window.colorFilter?.streamHealth")
    watched = live_page.page.evaluate(
        """async () => {
          const connection = { connectionState: "closed", localDescription: {}, getStats: () => new Promise(() => {}) };
          const watched = { connection, unanswered: 0, age: 0, stuck: 0, quiet: 0, steady: 0 };
          await window.colorFilter.streamHealth.look(watched);
          return watched;
        }"""
    )
    assert watched["quiet"] == 1


FINE = {
    "secure": True,
    "camera": True,
    "server": True,
    "started": True,
    "late": True,
    "turn": False,
    "local": [{"candidateType": "host", "protocol": "udp"}, {"candidateType": "srflx", "protocol": "udp"}],
    "remote": [{"candidateType": "host", "protocol": "udp"}],
    "pair": {
        "local": {"candidateType": "relay", "protocol": "udp", "relayProtocol": "tls"},
        "remote": {"candidateType": "host", "protocol": "udp"},
    },
    "arriving": True,
    "coming": True,
}


def check(page, **facts):
    """The check's marks, one a line, and what it says to do, from those facts and otherwise good ones."""
    page.wait_for_function("window.colorFilter?.connectionCheck")
    found = page.evaluate("facts => window.colorFilter.connectionCheck.lines(facts)", {**FINE, **facts})
    return " ".join(line["mark"] for line in found["lines"]), found["todo"]


def test_the_first_cross_says_what_to_do(live_page):
    page = live_page.page
    assert check(page) == ("yes yes yes yes yes yes yes yes", "")
    marks, todo = check(page, secure=False, camera=False)
    assert (marks, todo) == ("no no yes yes yes yes yes yes", ADVICE["secure"])
    assert check(page, camera=False)[1] == ADVICE["camera"]
    assert check(page, server=False, pair=None)[1] == ADVICE["server"]
    assert check(page, local=[], pair=None)[1] == ADVICE["browser"]
    assert check(page, remote=[], pair=None)[1] == ADVICE["host"]
    assert check(page, trouble="It refused.", pair=None)[1] == "It refused."
    assert check(page, pair=None) == ("yes yes yes yes yes no open open", ADVICE["path"])
    assert check(page, pair=None, turn=True)[1] == ADVICE["turn"]
    assert check(page, arriving=False) == ("yes yes yes yes yes yes no yes", ADVICE["arriving"])
    assert check(page, coming=False)[1] == ADVICE["coming"]
    early = {"late": False, "pair": None, "local": [], "remote": []}
    assert check(page, **early) == ("yes yes yes open open open open open", "")
    assert check(page, started=False, **early)[0] == "yes yes yes open open open open open"
    assert check(page, camera=None)[0] == "yes yes yes yes yes yes yes"  # the test card needs no camera, so no line


@pytest.mark.slow
@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_the_check_on_demand(app, browser, size, scheme):
    options = {
        "viewport": SIZES[size],
        "color_scheme": scheme,
        "permissions": ["camera", "clipboard-read", "clipboard-write"],
    }
    with LivePage(browser, app.url, **options) as live_page:
        live_page.start()
        live_page.page.get_by_text("Connection check", exact=True).click()
        panel = live_page.page.locator(".check")
        expect(panel.locator("li.yes")).to_have_count(8)
        assert_fits_and_reads_well(live_page.page, SIZES[size]["width"])
        panel.get_by_role("button", name="Copy as text").click()
        panel.get_by_role("button", name="Copied").wait_for()
        copied = live_page.page.evaluate("navigator.clipboard.readText()")
        assert "✓ The way between them: host (UDP) to host (UDP)\n" in copied
        assert not re.search(r"\d+\.\d+\.\d+\.\d+|\.local", copied.split("Mozilla")[0])
        panel.get_by_role("button", name="Use file mode").click()
        live_page.page.locator(".st-key-picture_from").wait_for()


@pytest.mark.slow
def test_a_laptop_that_slept(playwright, bars):
    """Long enough for the server to have ended the connection: it hears nothing for 8 s."""
    with Server("tests/apps/short_silence_app.py") as app:
        browser = launch(playwright, camera=bars, args=["--mark=asleep"])
        live_page = LivePage(browser, app.url, clock=True)
        live_page.start()
        live_page.wait_for_frames(5)
        asleep = processes_of("--mark=asleep")
        for pid in asleep:
            os.kill(pid, signal.SIGSTOP)
        until(lambda: '"viewer gone"' in app.log())
        for pid in asleep:
            os.kill(pid, signal.SIGCONT)
        until(lambda: live_page.frame().evaluate("window.connections") > 1, pause=lambda: live_page.pass_looks(1))
        live_page.wait_for_another_connection()
        browser.close()
