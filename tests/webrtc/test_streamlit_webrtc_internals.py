"""What reaches into streamlit-webrtc, with its own contexts in a session of the test's."""

import asyncio
from importlib.util import find_spec, module_from_spec
from types import SimpleNamespace

import pytest
import streamlit as st
from aiortc.mediastreams import MediaStreamTrack
from streamlit.testing.v1 import AppTest
from streamlit_webrtc import component
from streamlit_webrtc.component import WebRtcStreamerState

from colorfilter.host.settings import Settings
from colorfilter.webrtc import streamlit_webrtc_internals as internals
from tests.webrtc.test_offers import offer

COMPONENT = component.generate_frontend_component_key("live")  # under which Streamlit keeps the component's value


class Worker:
    def __init__(self):
        self.stopped = False

    def stop(self):
        self.stopped = True


def unpatched():
    """streamlit-webrtc's module anew: in this process another test may have put patches into the one that is loaded."""
    spec = find_spec("streamlit_webrtc.component")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def session(monkeypatch):
    """A session whose runs are counted late or not at all, and in it a streamer that is connecting."""
    stock = unpatched()
    monkeypatch.setattr(stock, "get_this_session_info", lambda: SimpleNamespace(script_run_count=5))
    monkeypatch.setattr(internals, "component", stock)
    context = stock.WebRtcStreamerContext(worker=None, state=WebRtcStreamerState(playing=False, signalling=True))
    context._last_rendered_run_count = 1
    worker = Worker()
    context._set_worker(worker)
    state = {"live": context, COMPONENT: {}}
    monkeypatch.setattr(st, "session_state", state)
    return SimpleNamespace(state=state, context=context, worker=worker, component=stock)


def test_the_stock_check_takes_it_for_left(session):
    session.component._get_or_create_context("live")
    assert session.worker.stopped


def test_a_streamer_that_streamlit_still_knows_is_no_orphan_however_many_runs_were_counted(session):
    internals.patch_orphan_check()
    for _ in range(3):
        assert session.component._get_or_create_context("live") is session.context
    assert not session.worker.stopped


def test_one_that_a_whole_run_left_out_is(session):
    """Then Streamlit drops the value of its component."""
    internals.patch_orphan_check()
    session.component._get_or_create_context("live")
    del session.state[COMPONENT]
    assert session.component._get_or_create_context("live") is session.context
    assert session.worker.stopped


def page_with_a_streamer():
    import streamlit as st
    from streamlit_webrtc import component, webrtc_streamer

    known = component.generate_frontend_component_key("live") in st.session_state
    st.session_state.setdefault("known", []).append(known)  # as each run begins
    if st.checkbox("cut short") and len(st.session_state.known) == 2:
        st.rerun()
    if st.checkbox("draw", True):
        webrtc_streamer(key="live")


def test_streamlit_drops_a_components_value_after_a_run_that_came_to_its_end_without_it(monkeypatch):
    monkeypatch.setattr(component, "get_this_session_info", lambda: SimpleNamespace(script_run_count=0))
    app = AppTest.from_function(page_with_a_streamer, default_timeout=20).run()
    app.checkbox[0].check().run()
    app.checkbox[1].uncheck().run()
    app.run()
    assert not app.exception
    assert app.session_state.known == [False, True, True, True, False]


def test_a_key_without_a_streamer_is_made_as_ever(session):
    internals.patch_orphan_check()
    made = session.component._get_or_create_context("other")
    assert made.is_new
    assert not session.component._get_or_create_context("live").is_new
    assert isinstance(made, session.component.WebRtcStreamerContext)
    assert made is not session.context


class Context:
    """As much of a streamer's context as the step meets."""

    def __init__(self, is_new=False):
        self.is_new, self.worker = is_new, None

    def _get_worker(self):
        return self.worker


@pytest.fixture
def lifecycle(monkeypatch):
    """The step around streamlit-webrtc's function; `lifecycle.offers` is what came through to it."""
    offers = []
    stock = SimpleNamespace(
        _handle_worker_lifecycle=lambda context, key, offer, make_worker: offers.append(offer),
        compile_state=component.compile_state,
        _restore_snapshot_if_needed=lambda context, value: value,
    )
    worker = type(
        "Worker",
        (),
        {"set_ice_candidates_from_offerer": lambda self, found: self._added_ice_candidate_ids.update(found)},
    )
    monkeypatch.setattr(internals, "component", stock)
    monkeypatch.setattr(internals, "WebRtcWorker", worker)
    internals.patch_offers()
    return SimpleNamespace(stock=stock, run=stock._handle_worker_lifecycle, offers=offers, worker=worker())


@pytest.mark.parametrize("junk", [[], [1], "playing", 7, True, None])
def test_a_state_that_is_no_table_is_that_of_a_streamer_at_rest(lifecycle, junk):
    assert lifecycle.stock.compile_state(junk) == WebRtcStreamerState(playing=False, signalling=False)
    assert lifecycle.stock._restore_snapshot_if_needed(None, junk) is None


def test_a_state_that_is_one_is_taken(lifecycle):
    state = {"playing": True, "sdpOffer": {}}
    assert lifecycle.stock.compile_state(state) == WebRtcStreamerState(playing=True, signalling=False)
    assert lifecycle.stock._restore_snapshot_if_needed(None, state) is state


def test_a_good_offer_comes_through_and_a_bad_one_does_not(lifecycle):
    good = {"sdp": asyncio.run(offer("video")), "type": "offer"}
    bad = {"sdp": asyncio.run(offer("video", "video")), "type": "offer"}
    context, refused = Context(), []
    for each in (good, bad, {"sdp": 1}, "text", None):
        lifecycle.run(context, "live", each, make_worker=None)
        refused.append(internals.is_offer_refused(context))
    assert lifecycle.offers == [good, None, None, None, None]
    assert refused == [False, True, True, True, False]


def test_an_offer_in_the_first_run_waits_for_a_place(lifecycle):
    good = {"sdp": asyncio.run(offer("video")), "type": "offer"}
    context = Context(is_new=True)
    lifecycle.run(context, "live", good, make_worker=None)
    assert lifecycle.offers == [None]
    assert not internals.is_offer_refused(context)


def test_the_worker_gets_few_candidates(lifecycle):
    sent = {str(i): {"candidate": "candidate:1 1 udp 1 10.0.0.1 9 typ host"} for i in range(100)}
    lifecycle.worker._added_ice_candidate_ids = set()
    lifecycle.worker.set_ice_candidates_from_offerer(sent)
    assert len(lifecycle.worker._added_ice_candidate_ids) == Settings().max_candidates
    lifecycle.worker.set_ice_candidates_from_offerer({f"more {i}": sent[str(i)] for i in range(100)})
    assert (
        len(lifecycle.worker._added_ice_candidate_ids) == Settings().max_candidates
    )  # in all, however often they come


class Counter(MediaStreamTrack):
    """A track of numbers, one in each round of the event loop."""

    kind = "video"

    def __init__(self):
        super().__init__()
        self.number = 0

    async def recv(self):
        await asyncio.sleep(0)
        self.number += 1
        return self.number


def test_a_slow_reader_of_the_relay_gets_the_newest_frame_and_none_pile_up():
    async def read():
        source = Counter()
        proxy = internals.NewestFrameRelay().subscribe(source)
        behind = []
        for _ in range(5):
            frame = await proxy.recv()
            behind.append(source.number - frame)
            for _ in range(100):
                await asyncio.sleep(0)
        return behind, source.number

    behind, count = asyncio.run(read())
    assert count > 200
    assert max(behind) <= 3  # rounds from the source to the reader, not those for which the reader was away
