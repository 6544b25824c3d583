"""What /filter does where a real client cannot bring it: too slow a body, and a decoder that crashes."""

import asyncio
import json
from dataclasses import replace

import pytest

from colorfilter.host.settings import Settings
from colorfilter.host.worker_pool import Crash
from colorfilter.server import endpoint
from colorfilter.server.request import Answer

LIMITS = Settings(max_body_mb=0.001)
SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "path": "/filter",
    "query_string": b"color=red",
    "headers": [],
}


class Crashing:
    count = 1

    async def run(self, *work):
        raise Crash


async def never():
    await asyncio.Event().wait()


async def nothing_more():
    return {"type": "http.request", "body": b"picture", "more_body": False}


async def gone():
    return {"type": "http.disconnect"}


def post(receive):
    """Post to the endpoint; the messages that it sends, and how many pictures it then has in work."""
    sent = []

    async def send(message):
        sent.append(message)

    app = endpoint.FilterEndpoint(replace(LIMITS, body_seconds=0.05 if receive is never else 60), Crashing())
    asyncio.run(app(dict(SCOPE), receive, send))
    assert app.in_work == 0
    return sent


@pytest.mark.parametrize(
    ("receive", "status", "words"), [(never, 408, "did not arrive"), (nothing_more, 415, "damaged")]
)
def test_refusals(receive, status, words):
    start, body, *end = post(receive)
    assert end == ([{"type": "http.response.body"}] if status == 408 else [])
    assert start["status"] == status
    assert words in json.loads(body["body"])["error"]


def test_a_client_that_is_gone_is_not_answered():
    assert post(gone) == []


class Slow:
    """Workers that answer once `go` is set."""

    count = 99

    def __init__(self):
        self.go = asyncio.Event()

    async def run(self, *work):
        await self.go.wait()
        return Answer(b"", "image/png")


def statuses(count, held=0, size=1000, peer=None):
    """What so many pictures at once are answered, in order of the answers; `held` bytes of others are in memory.

    They come from `peer`, an address.
    """

    async def all_of_them():
        workers, answers = Slow(), []
        app = endpoint.FilterEndpoint(LIMITS, workers)
        app.held = held

        async def receive():
            return {"type": "http.request", "body": bytes(size), "more_body": False}

        async def send(message):
            if message["type"] == "http.response.start":
                answers.append(message["status"])

        scope = SCOPE | {"client": peer and (peer, 1234)}
        asked = [asyncio.ensure_future(app(dict(scope), receive, send)) for _ in range(count)]
        for _ in range(100):  # rounds of the event loop, until all are in work or refused
            await asyncio.sleep(0)
        workers.go.set()
        await asyncio.gather(*asked)
        assert (app.in_work, app.held, +app.open) == (0, held, {})
        return answers

    return asyncio.run(all_of_them())


class InTurn:
    """One worker, which takes pictures as they come and notes each by its bytes."""

    count = 1

    def __init__(self):
        self.free, self.done = asyncio.Lock(), []

    async def run(self, work, body, *others):
        async with self.free:
            await asyncio.sleep(0)
            self.done.append(body)
        return Answer(b"", "image/png")


def test_the_slow_pictures_of_one_network_do_not_all_come_before_anothers():
    async def all_of_them():
        workers = InTurn()
        app = endpoint.FilterEndpoint(LIMITS, workers)

        async def post_one(body, peer):
            async def receive():
                return {"type": "http.request", "body": body, "more_body": False}

            async def send(message):
                pass

            await app(SCOPE | {"client": (peer, 1234)}, receive, send)

        asked = [(b"first", "192.88.99.1"), *[(b"more", "192.88.99.1")] * 3, (b"another's", "198.41.0.4")]
        await asyncio.gather(*(post_one(*one) for one in asked))
        return workers.done

    assert asyncio.run(all_of_them()) == [b"first", b"another's", *[b"more"] * 3]


def test_one_more_than_may_be_in_work_is_429():
    assert statuses(LIMITS.max_posts + 1) == [429] + [200] * LIMITS.max_posts


def test_bodies_have_a_limit_together():
    full = LIMITS.max_posts * 1000
    assert statuses(1, held=full - 1000) == [200]
    assert statuses(1, held=full - 999) == [429]


def test_one_public_address_has_few_requests_open_and_many_behind_a_private_one_are_not_held_up():
    few = LIMITS.max_posts_per_address
    assert statuses(few + 3, peer="8.8.8.8") == [429] * 3 + [200] * few
    assert statuses(few + 3, peer="2a00:1450:4001:82a::7") == [429] * 3 + [200] * few
    assert statuses(few + 3, peer="192.168.1.7") == [200] * (few + 3)
