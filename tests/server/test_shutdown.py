"""The server's end as an orchestrator brings it about: SIGTERM, and a while later SIGKILL."""

import asyncio
import signal

import pytest

from colorfilter.host.capacity import Place, Places
from colorfilter.server import shutdown


@pytest.fixture
def stopped(monkeypatch):
    """How often the server's own handler of SIGTERM was called."""
    calls = []
    before = signal.signal(signal.SIGTERM, lambda *_: calls.append(True))
    monkeypatch.setattr(shutdown, "POLL_INTERVAL_S", 0)
    yield calls
    signal.signal(signal.SIGTERM, before)


def one_viewer():
    places = Places()
    places.take("a", Place(0.2, lambda: True, lambda: None))
    return places


async def settle():
    for _ in range(100):  # rounds of the event loop, with a look in each
        await asyncio.sleep(0)


def test_it_waits_for_the_last_viewer_and_takes_nobody_new(stopped):
    places = one_viewer()

    async def scene():
        shutdown.on_termination(places, 60)
        signal.raise_signal(signal.SIGTERM)
        await settle()
        assert not stopped
        assert places.free_places() == 0
        places.free("a")
        await settle()
        assert len(stopped) == 1

    asyncio.run(scene())


def test_it_waits_no_longer_than_the_limit(stopped):
    async def scene():
        shutdown.on_termination(one_viewer(), 0.05)
        signal.raise_signal(signal.SIGTERM)
        while not stopped:
            await asyncio.sleep(0)

    asyncio.run(scene())


def test_a_second_signal_stops_at_once(stopped):
    async def scene():
        shutdown.on_termination(one_viewer(), 60)
        signal.raise_signal(signal.SIGTERM)
        await settle()
        signal.raise_signal(signal.SIGTERM)
        assert len(stopped) == 1

    asyncio.run(scene())


def test_without_a_limit_nothing_changes(stopped):
    async def scene():
        shutdown.on_termination(one_viewer(), 0)
        signal.raise_signal(signal.SIGTERM)
        assert len(stopped) == 1

    asyncio.run(scene())
