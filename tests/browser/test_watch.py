"""A stream that dies starts again by itself, and only if the visitor had it running; and the page says what it does."""

import pytest

from page import LivePage
from server import Server

AGAIN = "It starts again by itself"


@pytest.fixture
def running(live_page):
    live_page.start()
    live_page.wait_for_frames(5)
    return live_page


def says(live_page):
    return live_page.page.locator(".watch")


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
            live_page.page.get_by_text("frames a second").wait_for()
            assert says(live_page).inner_text() == ""
            live_page.stop_button.click()
            live_page.page.get_by_text("kept nowhere").wait_for()


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


def test_what_the_visitor_stopped_stays_stopped(running):
    running.stop_button.click()
    running.start_button.wait_for()
    running.page.wait_for_timeout(5000)
    assert running.frame().evaluate("window.connections") == 1
    assert running.cameras_on() == 0
    assert says(running).inner_text() == ""
