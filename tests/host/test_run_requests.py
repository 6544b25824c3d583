"""Which request for a run is handed on when. What Streamlit does without is in test_streamlit_runs.py."""

import pytest
from streamlit.proto.ClientState_pb2 import ClientState

from colorfilter.host.run_requests import MAX_UNSENT_LOOKS, RunRequests


def request(fragment="", button="", kind="trigger_value"):
    state = ClientState(fragment_id=fragment)
    if button:
        widget = state.widget_states.widgets.add(id=button)
        setattr(widget, kind, True if kind == "trigger_value" else "pressed")
    return state


def handed_on(*requests):
    """The requests of a session whose last one is about to be handed on."""
    session = RunRequests()
    for one in requests:
        session.add(one)
    for _ in requests[:-1]:
        session.pop()
    return session


@pytest.mark.parametrize(
    ("before", "after", "runs", "unsent", "waits"),
    [
        (request("figures"), request("strip"), True, False, True),
        (request("figures"), request("strip"), False, True, True),
        (request("figures"), request("strip"), False, False, False),
        (request("strip", "delete"), request(), True, False, True),
        (request("strip", "cross", "json_trigger_value"), request(), True, False, True),
        (request("", "retry"), request(), True, False, True),
        (request("", "retry"), None, True, False, True),
        (request("figures"), request(), True, False, False),
        (request("strip", "delete"), request(), False, True, False),
        (None, None, True, True, False),
    ],
)
def test_a_request_waits_for(before, after, runs, unsent, waits):
    """A fragment's for the end of any run, and until all is sent; the page's own for the end of a press's run."""
    assert handed_on(before, after).must_wait(runs, unsent) == waits


def test_the_end_of_a_press_frees_what_comes_after_the_next_request():
    session = handed_on(request("strip", "delete"), request("figures"))
    session.pop()
    session.add(request())
    assert not session.must_wait(runs=True, unsent=False)


def test_what_nobody_takes_is_not_waited_for_without_end():
    session = handed_on(request("figures"))
    assert [session.must_wait(runs=False, unsent=True) for _ in range(MAX_UNSENT_LOOKS)].count(True) == (
        MAX_UNSENT_LOOKS - 1
    )


def test_requests_are_handed_on_in_their_order():
    requests = [request("figures"), request(), None, request("strip", "delete")]
    session = RunRequests()
    for one in requests:
        session.add(one)
    assert [session.pop() for _ in requests] == requests


def test_a_request_by_the_clock_reports_no_press():
    session = RunRequests()
    by_clock = request("figures", "snapshot")
    by_clock.is_auto_rerun = True
    for one in (by_clock, request("figures", "snapshot")):
        session.add(one)
    assert [len(session.pop().widget_states.widgets) for _ in range(2)] == [0, 1]
