"""What is read of a refused body, and when the connection closes: messages in, messages out."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from colorfilter.server.lingering_close import MAX_DISCARDED_BYTES, Body, LingeringClose

MEGABYTE = {"type": "http.request", "body": bytes(1_000_000), "more_body": True}
LAST = {"type": "http.request", "body": b"", "more_body": False}
GONE = {"type": "http.disconnect"}
END = {"type": "http.response.body"}


def refused(arriving, headers=(), version="1.1", status=413, read=0, seconds=60, most=1):
    """Refuse a request of which `read` messages were read before: the connection header, whether the server ends the
    answer before it has read the rest, and how many messages were read in all. After those arriving none comes."""
    seen, sent = iter(arriving), []

    async def receive():
        sent.append("read")
        for message in seen:
            return message
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    async def run():
        body = Body(receive)
        scope = {"type": "http", "http_version": version, "method": "POST", "path": "/", "query_string": b""}
        request = Request(scope | {"headers": [(name.encode(), value.encode()) for name, value in headers]})
        for _ in range(read):
            await body.receive()
        response = PlainTextResponse("no", status)
        await LingeringClose(most).refuse(response, request, body, send, seconds)
        return response.headers.get("connection")

    connection = asyncio.run(run())
    answered = next(i for i, one in enumerate(sent) if one != "read" and one.get("body") == b"no")
    assert "read" not in sent[read:answered]  # the answer waits for nothing
    assert (sent[-1] == END) == (connection == "close")
    return connection, sent.count("read")


@pytest.mark.parametrize(
    ("headers", "version"),
    [([("connection", "close")], "1.1"), ([], "1.0"), ([("connection", "Keep-Alive")], "1.0")],
)
def test_before_the_connection_closes_the_body_is_read_to_its_end(headers, version):
    assert refused([MEGABYTE] * 3 + [LAST], headers, version) == ("close", 4)
    assert refused([MEGABYTE, GONE], headers, version) == ("close", 2)


def test_nothing_is_waited_for_once_the_body_has_ended():
    assert refused([LAST], [("connection", "close")], read=1) == ("close", 1)
    assert refused([LAST], [("transfer-encoding", "chunked")], read=1) == (None, 1)


def test_a_connection_goes_on_if_the_rest_is_announced_and_short():
    assert refused([MEGABYTE], [("content-length", str(MAX_DISCARDED_BYTES))]) == (None, 0)
    assert refused([GONE], [("content-length", str(MAX_DISCARDED_BYTES + 1))]) == ("close", 1)
    assert refused([GONE], [("transfer-encoding", "chunked")]) == ("close", 1)
    assert refused([GONE], [("content-length", "9")], status=408) == ("close", 1)


def test_a_body_without_end_is_cut_off():
    count = MAX_DISCARDED_BYTES // 1_000_000
    assert refused([MEGABYTE] * 2 * count, [("transfer-encoding", "chunked")]) == ("close", count)


def test_a_client_that_sends_nothing_more_is_let_go():
    assert refused([MEGABYTE], [("connection", "close")], seconds=0.01) == ("close", 2)


def test_one_more_than_may_linger_closes_at_once():
    assert refused([MEGABYTE] * 3 + [LAST], [("connection", "close")], most=0) == ("close", 0)


def test_one_that_has_lingered_makes_room_for_the_next():
    closing = LingeringClose(1)

    async def receive():
        return LAST

    async def refuse_twice():
        sent = []

        async def send(message):
            sent.append(message)

        for _ in range(2):
            body = Body(receive)
            scope = {"type": "http", "http_version": "1.0", "method": "POST", "path": "/", "headers": []}
            await closing.refuse(PlainTextResponse("no", 413), Request(scope), body, send, 60)
            assert body.ended

    asyncio.run(refuse_twice())
