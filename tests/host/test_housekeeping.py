import threading

import pytest

from colorfilter.host import housekeeping as module
from colorfilter.host.housekeeping import Housekeeping


@pytest.fixture
def by_hand(monkeypatch):
    """No job runs but in the test's own hands."""
    monkeypatch.setattr(module, "POLL_INTERVAL_S", 1e6)


@pytest.mark.usefixtures("by_hand")
def test_every_job_runs_with_the_time_and_one_that_fails_is_a_line_in_the_log(caplog):
    jobs, seen = Housekeeping(), []
    jobs.add("dividing", lambda now: 1 / 0)
    jobs.add("noting", seen.append)
    jobs.run_jobs(7.5)
    assert seen == [7.5]
    assert caplog.messages == ["Housekeeping: dividing failed."]


def test_one_thread_runs_them_from_the_first_on(monkeypatch):
    monkeypatch.setattr(module, "POLL_INTERVAL_S", 0.01)
    jobs, ran = Housekeeping(), [threading.Event(), threading.Event()]
    before = threading.active_count()
    for event in ran:
        jobs.add(f"setting {event}", lambda now, event=event: event.set())
    assert all(event.wait(10) for event in ran)
    assert threading.active_count() == before + 1


@pytest.mark.usefixtures("by_hand")
def test_a_job_takes_the_place_of_one_of_the_same_name():
    jobs, seen = Housekeeping(), []
    jobs.add("noting", lambda now: seen.append("old"))
    jobs.add("noting", lambda now: seen.append("new"))
    jobs.run_jobs(0)
    assert seen == ["new"]
