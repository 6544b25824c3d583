"""A server as its operator sees it: figures, log, and an end that lets the viewer finish."""

import json
import signal

import httpx
import pytest

from tests.support import figures
from tests.support.balancer import Balancer
from tests.support.page import LivePage
from tests.support.server import Server

pytestmark = pytest.mark.deploy

SETTINGS = {"COLORFILTER_METRICS": "true", "COLORFILTER_DRAIN_SECONDS": "120", "COLORFILTER_MAX_LIVE": "2"}


def events(server):
    return [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]


@pytest.mark.parametrize("addresses", ["false", "true"])
def test_figures_log_and_end(addresses, browser):
    """Behind the load balancer, which passes visitors' addresses on: Streamlit itself tells none of this machine's."""
    settings = {**SETTINGS, "COLORFILTER_LOG_ADDRESSES": addresses, "COLORFILTER_TRUSTED_PROXIES": "127.0.0.1"}
    with Server("serve", **settings) as server, Balancer(REPLICA_1=f"127.0.0.1:{server.port}") as balancer:
        balancer.wait_for_states(app1="UP")
        with LivePage(browser, balancer.url) as live_page:
            live_page.start()
            live_page.wait_for_frames(30)
            seen = figures.of(server)
            assert (seen["colorfilter_viewers"], seen["colorfilter_free_places"]) == (1, 1)
            assert seen["colorfilter_filter_seconds_count"] >= 30
            assert 0 < seen["colorfilter_filter_seconds_sum"] < seen["process_cpu_seconds_total"]

            server.process.send_signal(signal.SIGTERM)
            live_page.wait_for_frames(30)
            assert live_page.frame().evaluate("window.connections") == 1
            assert httpx.get(f"{server.url}/ready").status_code == 503
            late = browser.new_context().new_page()
            late.goto(balancer.url)
            late.get_by_text("1 person is watching live").wait_for()
            assert figures.of(server)["colorfilter_refusals_total"] == 1
            late.context.close()
            assert server.process.poll() is None
        server.process.wait(60)
        told = events(server)
        assert [event["event"] for event in told] == [
            "viewer started",
            "server drains",
            "viewer refused",
            "viewer gone",
            "server stops",
        ]
        assert ("127.0.0.1" in [event.get("address") for event in told]) == (addresses == "true")
        assert "Traceback" not in server.log()
