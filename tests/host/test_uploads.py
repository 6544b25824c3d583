"""Uploads by the limits' own rules, with the pages' bytes from the test. tests/server/test_app.py has a real server."""

import asyncio

import pytest
from starlette.exceptions import HTTPException

from colorfilter.host import uploads
from colorfilter.host.settings import Settings
from colorfilter.host.uploads import MAX_STALLS, UploadLimits
from colorfilter.host.visitors_memory import VisitorsMemory
from tests.support.simulated_time import run

LIMITS = Settings(max_uploads=2, body_seconds=5)


@pytest.fixture
def dropped(monkeypatch):
    """Which pages had their oldest uploads dropped, and how many were kept."""
    calls = []
    monkeypatch.setattr(uploads, "drop_oldest_uploads", lambda page, keep: calls.append((page, keep)))
    return calls


async def chunks(*sent, then=0.0):
    for chunk in sent:
        yield chunk
    await asyncio.sleep(then)


async def slowly(seconds):
    while True:
        await asyncio.sleep(seconds)
        yield b"x"


async def read(limits, page, given):
    return [chunk async for chunk in limits.pass_on(page, given)]


def test_an_upload_goes_through_whole_and_the_oldest_before_it_are_dropped(dropped):
    limits = UploadLimits(LIMITS, VisitorsMemory(100))
    assert run(read(limits, "a", chunks(b"one", b"two"))) == [b"one", b"two"]
    assert dropped == [("a", 1)]


@pytest.mark.parametrize(
    ("given", "status", "after"),
    [
        (lambda: chunks(b"x", then=9), 408, LIMITS.body_seconds),
        (lambda: slowly(3), 408, MAX_STALLS * LIMITS.body_seconds),
        (lambda: chunks(bytes(60), bytes(60)), 507, 0),
    ],
)
def test_one_that_stands_still_or_never_ends_or_is_too_much_is_refused(dropped, given, status, after):
    limits = UploadLimits(LIMITS, VisitorsMemory(100))

    async def timed():
        loop = asyncio.get_running_loop()
        start = loop.time()
        with pytest.raises(HTTPException) as refused:
            await read(limits, "a", given())
        return refused.value.status_code, loop.time() - start

    code, seconds = run(timed())
    assert code == status
    assert seconds == after
    assert (limits._coming, limits._bytes) == ({}, 0)


def test_a_page_sends_few_at_once_and_another_page_is_not_held_up(dropped):
    limits = UploadLimits(LIMITS, VisitorsMemory(100))

    async def all_at_once():
        pages = ("a", "a", "a", "b")
        reads = [read(limits, page, chunks(b"x", then=1)) for page in pages]
        return await asyncio.gather(*reads, return_exceptions=True)

    *good, refused, other = run(all_at_once())
    assert good == [[b"x"], [b"x"]]
    assert refused.status_code == 429
    assert other == [b"x"]
