"""Visitors whose offer leads to no connection, at a real server: what they are told, and that their place is free."""

import asyncio
import json

import pytest

from colorfilter.page.status import OFFER_REFUSED
from tests.support import figures
from tests.support.attacks import HEAD, LINE
from tests.support.server import Server
from tests.support.visitor import Visitor, good_offer

SETTINGS = {"COLORFILTER_MAX_LIVE": "1", "COLORFILTER_CONNECT_SECONDS": "3", "COLORFILTER_METRICS": "true"}
RUNS, CONNECTIONS = "colorfilter_runs_total", "colorfilter_connections_total"


@pytest.fixture(scope="module")
def server():
    with Server("serve", **SETTINGS) as server:
        yield server


def events(server):
    """What became of places."""
    lines = [json.loads(line)["event"] for line in server.log().splitlines() if line.startswith("{")]
    return [line for line in lines if line.startswith("viewer")]


async def offer(server, sdp):
    """Offer that, and wait with the page open until the place is free.

    Returns whether there was an answer, how many connections were made, and the sentences that were shown.
    """
    async with Visitor(server.url) as visitor:
        await visitor.open()
        before, counted = len(events(server)), figures.of(server)
        await visitor.offer(sdp)
        await visitor.wait_for(lambda: "viewer gone" in events(server)[before:], 15)  # not the silence's 20
        assert events(server)[before:] == ["viewer started", "viewer gone"]
        runs, connections = (figures.of(server)[name] - counted[name] for name in (RUNS, CONNECTIONS))
        answered = visitor.answer is not None
        assert runs == 1 + answered  # one for the message, and one that hands on the answer
        return answered, connections, visitor.alerts


def test_who_never_connects_gives_the_only_place_back(server):
    for _ in range(2):
        assert asyncio.run(offer(server, asyncio.run(good_offer()))) == (True, 1, set())


REFUSED = {"many lines": (HEAD + 8 * LINE, 0), "junk": ("x", 0), "cannot be answered": (HEAD + LINE, 1)}


@pytest.mark.parametrize(("sdp", "connections"), REFUSED.values(), ids=REFUSED)
def test_whose_offer_is_refused_is_told_so_and_gives_it_back_too(server, sdp, connections):
    assert asyncio.run(offer(server, sdp)) == (False, connections, {OFFER_REFUSED})
