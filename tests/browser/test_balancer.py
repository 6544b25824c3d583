"""Two replicas behind the load balancer as it is deployed: who is on which, who moves, and who does not notice."""

import httpx
import numpy as np
import pytest

from colorfilter import PRESETS, filter_image
from colorfilter.stills.decode import read_picture
from tests.support.balancer import Balancer
from tests.support.page import STREAMER, LivePage, PhotoPage
from tests.support.patience import PATIENCE, until
from tests.support.pictures import blocks, saved
from tests.support.server import Server

pytestmark = pytest.mark.deploy


@pytest.fixture(scope="module")
def replicas():
    """By the load balancer's names for them: one with a place for one viewer, one with places for two."""
    with Server("serve", COLORFILTER_MAX_LIVE="1") as small, Server("serve", COLORFILTER_MAX_LIVE="2") as large:
        yield {"app1": small, "app2": large}


@pytest.fixture(scope="module")
def balancer(replicas):
    small, large = (f"127.0.0.1:{server.port}" for server in replicas.values())
    with Balancer(REPLICA_1=small, REPLICA_2=large) as running:
        running.wait_for_states(app1="UP", app2="UP")
        yield running


@pytest.fixture(scope="module")
def cookies(balancer):
    """The cookie that says so, by replica."""
    found = {}
    while len(found) < 2:  # the one with the fewest connections is taken, in turn
        before, answer = balancer.requests(), httpx.get(balancer.url)
        [replica] = [name for name, count in balancer.requests().items() if count > before.get(name, 0)]
        found[replica] = answer.cookies["replica"]
    return found


def on(replica, cookies):
    """What makes a browser's context one that has been on that replica before."""
    cookie = {"name": "replica", "value": cookies[replica], "domain": "127.0.0.1", "path": "/", "expires": -1}
    cookie |= {"httpOnly": False, "secure": False, "sameSite": "Lax"}
    return {"storage_state": {"cookies": [cookie], "origins": []}}


def cookie_of(context):
    """The cookie of the replica that a browser's context is on."""
    [value] = [cookie["value"] for cookie in context.cookies() if cookie["name"] == "replica"]
    return value


def free_places(replicas):
    """How many viewers each replica could still take, by its own word."""
    return {name: int(httpx.get(f"{server.url}/ready").text.split()[0]) for name, server in replicas.items()}


def wait_for_free_places(replicas, **wanted):
    """Wait for them as long as a viewer who vanished may hold a place."""
    until(lambda: free_places(replicas) == wanted, 60, told=lambda: str(free_places(replicas)))


@pytest.fixture
def all_free(replicas, balancer):
    """The viewers of the test before have left."""
    wait_for_free_places(replicas, app1=1, app2=2)
    balancer.wait_for_states(app1="UP", app2="UP")


@pytest.mark.usefixtures("all_free")
@pytest.mark.parametrize("replica", ["app1", "app2"])
def test_page_stream_snapshot_upload_and_download_stay_on_one(replica, replicas, balancer, cookies, browser):
    other = {"app1": "app2", "app2": "app1"}[replica]
    before = balancer.requests()
    with LivePage(browser, balancer.url + "/?filter=red", **on(replica, cookies)) as page:
        page.start()
        page.wait_for_frames(5)
        assert free_places(replicas)[replica] == {"app1": 1, "app2": 2}[replica] - 1
        page.snapshot_button.click()
        _, data = page.download(page.page.get_by_role("button", name="Download", exact=True))
        assert read_picture(data).shape == (480, 640, 3)
    with PhotoPage(browser, balancer.url + "/?mode=file&filter=cyan", **on(replica, cookies)) as photo:
        photo.upload("blocks.png", saved(blocks()))
        height, width = blocks().shape[:2]
        photo.page.get_by_text(f"{width} × {height} pixels").wait_for()
        _, picture = photo.download_picture()
        assert np.array_equal(picture, filter_image(blocks(), PRESETS["cyan"]))
    after = balancer.requests()
    assert after[replica] > before[replica]
    assert after[other] == before[other]


@pytest.mark.usefixtures("all_free")
def test_a_full_replica_sends_the_next_viewer_to_one_with_room(replicas, balancer, cookies, browser):
    with LivePage(browser, balancer.url, **on("app1", cookies)) as first:
        first.start()
        balancer.wait_for_states(app1="NOLB", app2="UP")
        for _ in range(3):  # in turn, if app1 took part
            with LivePage(browser, balancer.url) as second:
                assert cookie_of(second.context) == cookies["app2"]
        first.wait_for_frames(5)
        # One who was on the full replica before is told so there, and led to the other on request.
        again = browser.new_context(**on("app1", cookies)).new_page()
        again.goto(balancer.url + "/?filter=cyan")
        again.get_by_text("1 person is watching live").wait_for()
        again.get_by_role("button", name="Try again").click()
        again.locator(STREAMER).wait_for()
        assert cookie_of(again.context) == cookies["app2"]
        assert "filter=cyan" in again.url
        again.context.close()
        assert first.frame().evaluate("window.connections") == 1
    balancer.wait_for_states(app1="UP")


@pytest.mark.usefixtures("all_free")
def test_when_nobody_has_room_the_page_says_so_and_photos_work(replicas, balancer, cookies, browser):
    pages = [LivePage(browser, balancer.url, **on(name, cookies)) for name in ("app1", "app2", "app2")]
    for page in pages:
        page.start()
    balancer.wait_for_states(app1="NOLB", app2="NOLB")
    page = browser.new_context().new_page()
    page.goto(balancer.url)
    page.get_by_text("watching live, as many as this server can serve well").wait_for()
    with PhotoPage(browser, balancer.url + "/?mode=file") as photo:
        photo.download_picture()
    for context in [page.context, *(one.context for one in pages)]:
        context.close()


def test_what_is_for_this_side_only_is_not_answered(balancer):
    assert [httpx.get(balancer.url + path).status_code for path in ("/ready", "/metrics", "/filter")] == [404, 404, 200]


@pytest.mark.usefixtures("all_free")
def test_a_killed_replicas_viewers_are_back_on_the_other_whose_own_notice_nothing(replicas, balancer, cookies, browser):
    """The last one: it kills the small replica."""
    lost = "() => connection.getStats().then(s => [...s.values()].find(r => r.type === 'inbound-rtp').packetsLost)"
    with (
        LivePage(browser, balancer.url, **on("app2", cookies)) as stays,
        LivePage(browser, balancer.url + "/?filter=red", **on("app1", cookies)) as moves,
    ):
        stays.start()
        moves.start()
        moves.wait_for_frames(5)
        replicas["app1"].process.kill()
        stays.wait_for_frames(60)
        assert stays.frame().evaluate("window.connections") == 1
        assert stays.frame().evaluate(lost) == 0

        # The page is back by itself, as it was, and takes orders.
        moves.page.locator(".st-key-filter").get_by_text("cyan", exact=True).click(timeout=15_000 * PATIENCE)
        moves.page.get_by_text("Cyan keeps green and blue and removes red.").wait_for(timeout=15_000 * PATIENCE)
        assert cookie_of(moves.context) == cookies["app2"]
        moves.wait_for_another_connection()
        assert free_places({"app2": replicas["app2"]}) == {"app2": 0}
    with PhotoPage(browser, balancer.url + "/?mode=file", **on("app1", cookies)) as photo:  # a cookie of the dead one
        photo.upload("blocks.png", saved(blocks()))
        assert cookie_of(photo.context) == cookies["app2"]
    balancer.wait_for_states(app1="DOWN", app2="UP")
