"""Jobs in processes of their own. Work must be importable by name, so that a new process finds it."""

import os
import time

import pytest

from colorfilter.host.jobs import CRASHED, NO_MEMORY, TOO_LONG, Busy, Jobs, Limits
from tests.support.patience import until


def count_to(tell, number):
    for step in range(number):
        tell(step)
    return number, os.nice(0)


def hold(tell, seconds):
    tell("begun")
    time.sleep(seconds)


def refuse(tell):
    raise ValueError("This is a sentence.")


def crash(tell):
    os.kill(os.getpid(), 11)


def burn(tell):
    while True:
        pass


def fill(tell, count):
    return len(bytearray(count))


@pytest.fixture
def jobs():
    made = Jobs(Limits(running=1, waiting=2, for_each=2, seconds=1, memory_bytes=200_000_000))
    yield made
    made.stop()


def test_progress_and_result_from_a_nice_process(jobs):
    job = jobs.submit("a", count_to, 3)
    assert job.over.wait(20)
    assert (job.state, job.result, job.progress, job.error) == ("done", (3, 19), 2, "")


def test_a_sentence_comes_back(jobs):
    job = jobs.submit("a", refuse)
    assert job.over.wait(20)
    assert (job.state, job.error) == ("failed", "This is a sentence.")


@pytest.mark.parametrize(
    ("work", "args", "sentence"), [(crash, (), CRASHED), (burn, (), TOO_LONG), (fill, (10**9,), NO_MEMORY)]
)
def test_what_ends_its_process_is_a_sentence_and_the_next_goes_on(jobs, work, args, sentence):
    job, following = jobs.submit("a", work, *args), jobs.submit("a", count_to, 1)
    assert job.over.wait(30)
    assert (job.state, job.error) == ("failed", sentence)
    assert following.over.wait(20)
    assert following.state == "done"


def test_places_in_the_queue_and_cancel(jobs):
    running = jobs.submit("a", hold, 60)
    first, second = jobs.submit("b", count_to, 1), jobs.submit("c", count_to, 1)
    until(lambda: running.progress == "begun")
    assert [jobs.place(job) for job in (running, first, second)] == [0, 1, 2]
    with pytest.raises(Busy, match="Too many wait"):
        jobs.submit("d", count_to, 1)
    first.cancel()
    assert [jobs.place(job) for job in (running, first, second)] == [0, 0, 1]
    process = running._process
    running.cancel()
    assert second.over.wait(20)
    assert [job.state for job in (running, first, second)] == ["cancelled", "cancelled", "done"]
    until(lambda: not process.is_alive())


def test_a_visitor_has_only_so_many(jobs):
    mine = [jobs.submit("a", hold, 60), jobs.submit("a", hold, 60)]
    with pytest.raises(Busy, match="One of yours"):
        jobs.submit("a", count_to, 1)
    for job in mine:
        job.cancel()
    assert jobs.submit("a", count_to, 1).over.wait(20)


def test_the_end_of_the_server_ends_them():
    jobs = Jobs(Limits())
    job = jobs.submit("a", hold, 60)
    until(lambda: job.progress == "begun")
    process = job._process
    jobs.stop()
    assert job.state == "cancelled"
    until(lambda: not process.is_alive())
