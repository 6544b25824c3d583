"""The picture comes through on every network: next door, through TURN over UDP, TCP or TLS; and who refuses says so."""

import asyncio
import contextlib
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from aioice.stun import Class, Message, Method, TransactionFailed
from aioice.turn import create_turn_endpoint

from colorfilter import PRESETS
from colorfilter.page.components.connection_check import ADVICE
from colorfilter.webrtc.ice.servers import LIFETIME_S, credentials
from tests.support.bars import assert_shows, expected
from tests.support.certificates import self_signed_certificate
from tests.support.chromium import launch
from tests.support.networks import APP, PAGE_PORTS, PUBLIC, TLS_PORT, TURN_PORT, Network, TurnServer
from tests.support.page import LivePage
from tests.support.server import Server

pytestmark = pytest.mark.reach

LINK = "/?filter=yellow&resolution=480p"
PLACES = "50"  # for the viewer of one test while that of the test before is still leaving

# How the browser reaches the server: the kinds of the two ends, and what carries it to TURN.
PATH = """async () => {
  const stats = [...(await window.connection.getStats()).values()];
  const find = (id) => stats.find((stat) => stat.id === id);
  const pair = find(stats.find(({ type }) => type === "transport").selectedCandidatePairId);
  const [ours, theirs] = [find(pair.localCandidateId), find(pair.remoteCandidateId)];
  return [ours.candidateType, ours.relayProtocol ?? "", theirs.candidateType];
}"""


def path_of_the_picture(browser, server):
    """Start the camera, see that the filtered picture comes and moves, and return how it comes."""
    with LivePage(browser, server.url + LINK) as live_page:
        live_page.start()
        assert_shows(live_page, expected(PRESETS["yellow"].color))
        live_page.wait_for_frames(10)
        return live_page.frame().evaluate(PATH)


@pytest.fixture(scope="module")
def turn(tmp_path_factory):
    with TurnServer(tmp_path_factory.mktemp("turn")) as running:
        yield running


def test_on_one_host_directly(browser):
    with Server(COLORFILTER_ICE_SERVERS="[]") as server:
        ours, _, theirs = path_of_the_picture(browser, server)
        assert (ours, theirs) == ("host", "host")


def through(turn, secret=TurnServer.SECRET):
    return {
        "COLORFILTER_TURN_URLS": f"turn:{turn.address}:{turn.port}",
        "COLORFILTER_TURN_SECRET": secret,
        "COLORFILTER_RELAY_ONLY": "true",
    }


@pytest.fixture(scope="module")
def relayed_app(turn):
    with Server(**through(turn), COLORFILTER_MAX_LIVE=PLACES) as server:
        yield server


def test_on_one_host_through_turn_alone(browser, relayed_app):
    assert path_of_the_picture(browser, relayed_app) == ["relay", "udp", "relay"]


SCHEMES = """() => window.watched.configuration.iceServers.map(
  ({ urls, credential }) => [urls[0].split(":")[0], Boolean(credential)])"""


def test_credentials_come_with_a_place_and_go_with_it(browser, relayed_app):
    with LivePage(browser, relayed_app.url + LINK) as live_page:
        assert live_page.frame().evaluate(SCHEMES) == [["stun", False]]
        live_page.start()
        assert live_page.frame().evaluate(SCHEMES) == [["stun", False], ["turn", True]]
        assert live_page.frame().evaluate(PATH) == ["relay", "udp", "relay"]
        live_page.stop_button.click()
        live_page.frame().wait_for_function("window.watched.configuration.iceServers.length === 1")
        live_page.start()
        assert live_page.frame().evaluate(PATH) == ["relay", "udp", "relay"]


def test_a_wrong_secret_is_said_in_one_sentence_and_the_app_goes_on(browser, turn):
    with Server(**through(turn, "another")) as server, LivePage(browser, server.url + LINK) as live_page:
        live_page.start_button.click()
        sentence = f"The TURN server {turn.address}:{turn.port} refused the connection (401: Unauthorized)."
        live_page.page.get_by_text(sentence).first.wait_for()
        live_page.stop_button.click()
        live_page.page.get_by_text("kept nowhere").wait_for()
        assert sentence in live_page.text()
        assert sentence in server.log()
        assert "Traceback" not in server.log()


def test_a_connection_outlives_its_credentials(turn):
    """It is refreshed long after; only a new one is refused."""

    async def outlive():
        server = (turn.address, turn.port)
        account = credentials(turn.SECRET, "viewer", time.time() - LIFETIME_S + 2)
        transport, _ = await create_turn_endpoint(asyncio.DatagramProtocol, server, *account)
        while True:
            try:
                another, _ = await create_turn_endpoint(asyncio.DatagramProtocol, server, *account)
                another.close()
            except TransactionFailed:
                break
            await asyncio.sleep(0.5)
        client = transport._TurnTransport__inner_protocol
        refresh = Message(Method.REFRESH, Class.REQUEST, attributes={"LIFETIME": 600})
        answer, _ = await client.request_with_retry(refresh)
        await client.delete()
        return answer.attributes["LIFETIME"]

    # Playwright's loop runs in this thread.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, outlive()).result() == 600


@pytest.fixture(scope="module")
def network():
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("network namespaces need root on Linux")
    with Network() as made:
        yield made


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return self_signed_certificate(tmp_path_factory.mktemp("certificate"), PUBLIC)


@pytest.fixture(scope="module")
def turn_between(network, tmp_path_factory, certificate):
    with TurnServer(tmp_path_factory.mktemp("turn"), network.middle, certificate) as running:
        yield running


@pytest.fixture(scope="module")
def far_browser(network, playwright, bars, tmp_path_factory):
    pages = ",".join(f"http://{APP}:{port}" for port in PAGE_PORTS)  # the camera opens only for secure pages
    args = [f"--unsafely-treat-insecure-origin-as-secure={pages}", "--ignore-certificate-errors"]
    through = network.viewer.starter(tmp_path_factory.mktemp("viewer"))
    running = launch(playwright, camera=bars, args=args, through=through)
    yield running
    running.close()


URLS = {
    "udp": f"turn:{PUBLIC}:{TURN_PORT}?transport=udp",
    "tcp": f"turn:{PUBLIC}:{TURN_PORT}?transport=tcp",
    "tls": f"turns:{PUBLIC}:{TLS_PORT}?transport=tcp",
}


def far_server(network, *urls, **settings):
    turn = {"COLORFILTER_TURN_URLS": ",".join(urls), "COLORFILTER_TURN_SECRET": TurnServer.SECRET}
    return Server(place=network.app, **turn, **settings)


@pytest.fixture(scope="module")
def direct_app(network):
    with Server(place=network.app, COLORFILTER_ICE_SERVERS="[]", COLORFILTER_MAX_LIVE=PLACES) as server:
        yield server


@pytest.fixture(scope="module")
def far_app(network, turn_between):
    """The server itself takes the first address, which is UDP; its viewers have the choice."""
    with far_server(network, *URLS.values(), COLORFILTER_MAX_LIVE=PLACES) as server:
        yield server


def test_from_another_network_directly(network, direct_app, far_browser):
    network.let_pass(between="accept", to_turn="")
    ours, _, theirs = path_of_the_picture(far_browser, direct_app)
    assert (ours, theirs) == ("host", "host")


@pytest.mark.parametrize(
    ("by", "to_turn"), [("udp", "udp dport 3478"), ("tcp", "tcp dport 3478"), ("tls", "tcp dport 443")]
)
def test_with_no_direct_path_through_turn(network, far_app, far_browser, by, to_turn):
    network.let_pass(between="", to_turn=to_turn)
    ours, protocol, _ = path_of_the_picture(far_browser, far_app)
    assert (ours, protocol) == ("relay", by)


@pytest.mark.parametrize("by", ["tcp", "tls"])
def test_a_server_without_udp_goes_through_turn_as_well(network, turn_between, far_browser, certificate, by):
    network.let_pass(between="", to_turn="")
    with far_server(network, URLS[by], COLORFILTER_RELAY_ONLY="true", SSL_CERT_FILE=str(certificate)) as server:
        assert path_of_the_picture(far_browser, server) == ["relay", by, "relay"]


@pytest.fixture
def far_page(network, direct_app, far_browser):
    """A page that is live over the network between, directly."""
    network.let_pass(between="accept", to_turn="")
    with LivePage(far_browser, direct_app.url + LINK) as live_page:
        live_page.start()
        yield live_page


def test_a_cable_pulled_out_and_put_back_brings_the_picture_back(network, far_page):
    far_page.wait_for_frames(10)
    network.viewer.run("ip", "link", "set", "wire", "down")
    far_page.page.wait_for_timeout(7000)
    network.viewer.plug_in(PUBLIC)
    far_page.wait_for_frames(30)  # over the same connection, or over another


@pytest.mark.parametrize("away_s", [3, 10])
def test_a_network_that_was_away_costs_no_connection(network, far_page, away_s):
    far_page.wait_for_frames(30)
    network.let_pass(between="", to_turn="")
    far_page.page.wait_for_timeout(1000 * away_s)
    network.let_pass(between="accept", to_turn="")
    far_page.wait_for_frames(30)
    assert far_page.frame().evaluate("window.connections") == 1


@pytest.mark.parametrize("turn", [False, True])
def test_a_network_that_blocks_video_opens_the_check_at_the_way_between(
    network, turn_between, direct_app, far_browser, turn
):
    network.let_pass(between="", to_turn="tcp dport 9")
    with (
        far_server(network, URLS["udp"]) if turn else contextlib.nullcontext(direct_app) as server,
        LivePage(far_browser, server.url + LINK) as live_page,
    ):
        live_page.start_button.click()
        panel = live_page.page.locator(".check[open]")
        panel.get_by_text(ADVICE["turn" if turn else "path"]).wait_for()
        assert "The way between them: none yet" in panel.locator("li.no").first.inner_text()
        assert panel.locator("li.yes").count() == 5
        live_page.page.locator(".watch").get_by_text("It starts again by itself (1 of 3)").wait_for()
        live_page.page.locator(".watch").get_by_role("button", name="Leave it off").click()
        live_page.start_button.wait_for()
        assert live_page.cameras_on() == 0
        panel.get_by_text(ADVICE["turn" if turn else "path"]).wait_for()
