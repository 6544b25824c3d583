"""Feedback packets, read as draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1, lays them out."""

from struct import unpack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorfilter.webrtc.engine.transport_cc import ArrivalLog

TICK = 0.00025


def read(body):
    """(sequence number -> seconds since an origin, or None if lost; the packet's count) of a feedback body."""
    base, count, reference_and_number = unpack("!HHI", body[:8])
    position, symbols = 8, []
    while len(symbols) < count:
        (chunk,) = unpack("!H", body[position : position + 2])
        assert chunk >> 14 == 0b11  # a status vector of two-bit symbols
        symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        position += 2
    at, arrivals = (reference_and_number >> 8) * 0.064, {}
    for i, symbol in enumerate(symbols[:count]):
        arrivals[(base + i) % 0x10000] = None
        if symbol == 1:
            at += body[position] * TICK
            position += 1
        elif symbol == 2:
            at += unpack("!h", body[position : position + 2])[0] * TICK
            position += 2
        if symbol:
            arrivals[(base + i) % 0x10000] = at
    assert len(body) % 4 == 0
    assert position <= len(body) < position + 4
    return arrivals, reference_and_number & 0xFF


@given(
    start=st.integers(0, 0xFFFF),
    packets=st.lists(st.tuples(st.booleans(), st.floats(0, 0.2)), min_size=1, max_size=60),
)
def test_every_arrival_is_told_to_a_quarter_of_a_millisecond(start, packets):
    log, now, want = ArrivalLog(), 50.0, {}
    for i, (arrives, pause) in enumerate(packets):
        now += pause
        if arrives or i == 0:
            want[(start + i) % 0x10000] = now
            log.add((start + i) % 0x10000, now)
    arrivals, number = read(log.take(now))
    assert number == 0
    assert {n: at for n, at in arrivals.items() if at is not None} == pytest.approx(want, abs=0.6 * TICK)


def test_the_next_feedback_begins_where_the_last_ended_so_that_losses_between_them_are_told():
    log = ArrivalLog()
    log.add(65534, 1.0)
    log.take(1.0)
    log.add(1, 1.1)
    arrivals, number = read(log.take(1.1))
    assert list(arrivals) == [65535, 0, 1]
    assert arrivals[65535] is None
    assert arrivals[0] is None
    assert arrivals[1] == pytest.approx(1.1, abs=TICK)
    assert number == 1


def test_a_late_packet_is_told_after_all():
    log = ArrivalLog()
    for n in (10, 12):
        log.add(n, 2.0)
    log.take(2.0)
    log.add(11, 2.3)
    arrivals, _ = read(log.take(2.3))
    assert arrivals[11] == pytest.approx(2.3, abs=TICK)


def test_it_is_due_every_fifty_milliseconds_once_something_has_come():
    log = ArrivalLog()
    assert not log.due(3.0)
    log.add(1, 3.0)
    assert log.due(3.0)
    log.take(3.0)
    log.add(2, 3.01)
    assert not log.due(3.01)
    assert log.due(3.051)
