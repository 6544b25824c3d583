"""What /filter does where a real client cannot bring it: too slow a body, and a decoder that crashes."""

import asyncio
import json

import pytest

from colorfilter.server import endpoint
from colorfilter.server.worker_pool import Crash


class Crashing:
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

    app = endpoint.FilterEndpoint(1000, Crashing())
    scope = {"type": "http", "method": "POST", "path": "/filter", "query_string": b"color=red", "headers": []}
    asyncio.run(app(scope, receive, send))
    assert app.in_work == 0
    return sent


@pytest.mark.parametrize(
    ("receive", "status", "words"), [(never, 408, "did not arrive"), (nothing_more, 415, "damaged")]
)
def test_refusals(receive, status, words, monkeypatch):
    monkeypatch.setattr(endpoint, "BODY_TIMEOUT_S", 0.05)
    start, body = post(receive)
    assert start["status"] == status
    assert words in json.loads(body["body"])["error"]


def test_a_client_that_is_gone_is_not_answered():
    assert post(gone) == []
