"""A viewer is there while the page, the connection or frames say so."""

import asyncio
from types import SimpleNamespace

import pytest

from colorfilter.webrtc import presence
from colorfilter.webrtc.engine import LivePeerConnection
from tests.support.moving import Clock


@pytest.fixture
def context(monkeypatch):
    """The context of a streamer whose connection is being made, as much of it as presence meets."""
    worker = SimpleNamespace(pc=SimpleNamespace(connectionState="connecting"))
    state = SimpleNamespace(playing=False, signalling=True)
    context = SimpleNamespace(state=state, worker=worker, _get_worker=lambda: worker)
    monkeypatch.setattr(presence, "streamer", lambda key: context)
    return context


@pytest.mark.parametrize("sends", [True, False])
@pytest.mark.parametrize(("connects", "present"), [(True, True), (False, False)])
def test_who_does_not_connect_in_time_is_absent(context, monkeypatch, sends, connects, present):
    """Also with the test card, where no frames of the viewer's tell that somebody is there."""
    clock = Clock()
    monkeypatch.setattr(presence, "time", clock)
    monkeypatch.setattr(presence, "current_session_id", lambda: "a")
    monkeypatch.setattr(presence, "is_session_active", lambda session_id: True)
    viewer = presence.Viewer("live", sends)
    for second in range(40):
        clock.now += 1
        if connects and second == 5:
            context.worker.pc.connectionState = "connected"
        seen = viewer.present(silent_for=0.0 if connects else float("inf"))
    assert seen is present


def test_what_its_browser_sends_is_limited_and_counted(context, monkeypatch):
    monkeypatch.setattr(presence, "current_session_id", lambda: "a")
    viewer = presence.Viewer("live")
    viewer.limit_pictures(5)  # a connection that has no limit, as a stock one
    assert viewer.refused_pictures() == 0

    async def connect():
        connection = context.worker.pc = LivePeerConnection()
        connection.addTransceiver("video")
        viewer.limit_pictures(5)
        [receiver] = connection.getReceivers()
        assert receiver._limit.pixels == 5
        receiver._limit.refused = 3
        assert viewer.refused_pictures() == 3
        await connection.close()

    asyncio.run(connect())
