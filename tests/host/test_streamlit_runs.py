"""Requests for runs of the page, through Streamlit's own AppSession: as it is, and with ours in its place."""

import asyncio
import inspect
from types import SimpleNamespace

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner import ScriptRunnerEvent
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests

from colorfilter.host import streamlit_runs
from colorfilter.host.logs import warn_once
from colorfilter.host.page_cache import PageCache


@pytest.fixture(autouse=True)
def streamlits_own(monkeypatch):
    """Streamlit's own methods, until `install` is called."""
    for method in ("request_rerun", "flush_browser_queue"):
        monkeypatch.setattr(AppSession, method, inspect.unwrap(getattr(AppSession, method)))


@pytest.fixture
def said(caplog):
    warn_once.cache_clear()
    return caplog


def cache_in_use():
    cache = PageCache()
    cache.sent(ForwardMsg())
    return cache


class EndedRunner:
    """A run of a fragment that has ended, whose last messages are still on their way to the event loop."""

    def __init__(self):
        self._requests = ScriptRequests()
        self._requests.on_scriptrunner_ready()
        self.request_rerun = self._requests.request_rerun


class Session(AppSession):
    """What of a session has to do with runs, on the running event loop, and what becomes of it in order."""

    def __init__(self):
        self._state = AppSessionState.APP_NOT_RUNNING
        self._event_loop = asyncio.get_running_loop()
        self._scriptrunner = EndedRunner()
        self._client_state = ClientState()
        self._browser_queue = ForwardMsgQueue()
        self.seen = []

    def __del__(self):
        pass

    def has_fragment(self, fragment_id):
        return True

    def _enqueue_forward_msg(self, msg):
        self.seen.append(msg.page_info_changed.query_string)

    def _settle_once_delivered(self):
        pass

    def _create_scriptrunner(self, initial_rerun_data):
        self.seen.append(initial_rerun_data.fragment_id)
        self._scriptrunner = SimpleNamespace(
            request_rerun=self.request_of, request_stop=lambda: None, _requests=ScriptRequests()
        )

    def request_of(self, rerun_data):
        self.seen.append(rerun_data.fragment_id)
        return True


async def seen_by_a_session():
    """A run has just ended, and the figures and a full run are asked for before its message has come."""
    session = Session()
    message = ForwardMsg()
    message.page_info_changed.query_string = "the snapshot"
    event = session._on_scriptrunner_event
    event(session._scriptrunner, ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, forward_msg=message)
    event(session._scriptrunner, ScriptRunnerEvent.SHUTDOWN, client_state=ClientState())
    for fragment in ("figures", "scope"):
        session.request_rerun(ClientState(fragment_id=fragment))
    await asyncio.sleep(0.05)
    session._scriptrunner = None  # the run of the figures has ended
    await asyncio.sleep(0.05)
    return session.seen


def test_messages_of_a_run_that_has_ended_come_before_the_next():
    assert asyncio.run(seen_by_a_session()) == ["figures", "scope"]  # as Streamlit has it
    for _ in range(2):  # the second time it does nothing
        streamlit_runs.install()
    assert asyncio.run(seen_by_a_session()) == ["the snapshot", "figures", "scope"]


def request_with_press(fragment, button="snapshot"):
    state = ClientState(fragment_id=fragment)
    state.widget_states.widgets.add(id=button, trigger_value=True)
    return state


async def finish_that_is_sent(flushed):
    """What the page is told of a fragment's run that has ended just before the figures are asked for."""
    session = Session()
    session._scriptrunner = None
    finished = ForwardMsg(script_finished=ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
    session._browser_queue.enqueue(finished)
    if flushed:
        session._event_loop.call_later(0.02, lambda: session.seen.extend(session.flush_browser_queue()))
    session.request_rerun(ClientState(fragment_id="figures"))
    while "figures" not in session.seen:
        await asyncio.sleep(0.001)
    session._clear_queue(["figures"])  # as the start of its run does
    return [*session.seen, *session.flush_browser_queue()]


def test_what_a_fragment_no_longer_draws_goes_though_another_is_due_just_then():
    """The page keeps what a run has not drawn if it is told that the run was broken off."""
    broken_off = ForwardMsg(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN)
    assert asyncio.run(finish_that_is_sent(flushed=False)) == ["figures", broken_off]  # as Streamlit has it
    streamlit_runs.install()
    ended = ForwardMsg(script_finished=ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
    assert asyncio.run(finish_that_is_sent(flushed=True)) == [ended, "figures"]


def test_a_page_that_has_gone_holds_no_run_up(monkeypatch):
    monkeypatch.setattr(streamlit_runs, "RUN_POLL_S", 0)
    streamlit_runs.install()
    assert asyncio.run(finish_that_is_sent(flushed=False))[0] == "figures"


async def run_that_a_full_run_meets(request):
    """What is seen of that request's run, when a run of the page is asked for at once."""
    session = Session()
    session._scriptrunner = None
    session.request_rerun(request)
    session._scriptrunner.request_stop = lambda: session.seen.append("broken off")
    session.request_rerun(ClientState())
    await asyncio.sleep(0.02)
    session.seen.append("ended")
    session._scriptrunner = None
    await asyncio.sleep(0.05)
    return session.seen


def test_a_run_of_the_page_waits_for_that_of_a_press():
    pressed, figures = request_with_press("strip"), ClientState(fragment_id="figures")
    assert asyncio.run(run_that_a_full_run_meets(pressed)) == ["strip", "broken off", None, "ended"]  # Streamlit's way
    streamlit_runs.install()
    assert asyncio.run(run_that_a_full_run_meets(pressed)) == ["strip", "ended", None]
    assert asyncio.run(run_that_a_full_run_meets(figures)) == ["figures", "broken off", None, "ended"]


async def presses_that_reach_a_session():
    """How many reports of one press come to the runner, if the figures are due at that moment."""
    session, reached = Session(), []
    session._scriptrunner = None
    session._create_scriptrunner = lambda data: reached.extend(data.widget_states.widgets)
    by_clock = request_with_press("figures")
    by_clock.is_auto_rerun = True
    for request in (by_clock, request_with_press("strip")):
        session.request_rerun(request)
    return len(reached)


def test_a_session_counts_a_press_once():
    assert asyncio.run(presses_that_reach_a_session()) == 2  # as Streamlit has it
    streamlit_runs.install()
    assert asyncio.run(presses_that_reach_a_session()) == 1


async def listed_for_a_run():
    """What of a request's list comes to the runner, while the page has been sent the run that drew "red"."""
    session, listed = Session(), []
    session._scriptrunner = None
    session._create_scriptrunner = lambda data: listed.append(set(data.cached_message_hashes))
    drawn = ForwardMsg(hash="red")
    drawn.metadata.cacheable = True
    drawn.delta.new_element.text.body = "red"
    for message in (drawn, ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)):
        session._browser_queue.enqueue(message)
    for _ in range(2):
        session.request_rerun(ClientState(cached_message_hashes=["red", "pink"]))
        session.flush_browser_queue()
    session.request_rerun(None)
    return listed


def test_a_run_refers_to_nothing_that_its_page_may_have_forgotten():
    assert asyncio.run(listed_for_a_run()) == [{"red", "pink"}, {"red", "pink"}, set()]  # as Streamlit has it
    for _ in range(2):  # the second time it does nothing
        streamlit_runs.install()
    assert asyncio.run(listed_for_a_run()) == [{"red", "pink"}, {"red"}, set()]


PRESSES, REFERENCES = "presses that count once", "references that each page"


@pytest.mark.parametrize(("method", "purpose"), [("request_rerun", PRESSES), ("flush_browser_queue", REFERENCES)])
def test_a_method_that_has_gone_is_one_line_in_the_log(method, purpose, monkeypatch, said):
    monkeypatch.delattr(AppSession, method)
    for _ in range(2):
        streamlit_runs.install()
    [line] = said.messages
    assert line.startswith(f"The app goes on without {purpose}")
    assert "Streamlit has moved an internal (" in line


@pytest.mark.parametrize(
    ("access", "fallback", "purpose"),
    [
        (lambda: streamlit_runs._is_running(SimpleNamespace()), False, PRESSES),
        (lambda: streamlit_runs._has_unsent(SimpleNamespace()), False, PRESSES),
        (lambda: streamlit_runs._note(PageCache(), [None]), None, REFERENCES),
        (lambda: streamlit_runs._strike_forgotten(cache_in_use(), SimpleNamespace()), None, REFERENCES),
    ],
)
def test_a_field_that_has_gone_is_one_line_in_the_log(access, fallback, purpose, said):
    for _ in range(2):
        assert access() == fallback
    [line] = said.messages
    assert line.startswith(f"The app goes on without {purpose}")
