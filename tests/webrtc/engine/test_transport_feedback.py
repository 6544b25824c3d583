"""Feedback packets: by the draft's own layout, as our own writer makes them, and bytes that nobody here wrote."""

import contextlib
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorfilter.webrtc.engine.transport_cc import ArrivalLog
from colorfilter.webrtc.engine.transport_feedback import parse_transport_feedback


def packet(base, count, reference, body):
    return pack("!HHI", base, count, reference << 8 | 7) + body


def numbered(arrivals):
    """The 16-bit number of each packet, in order, with its arrival, None if lost."""
    return [((arrivals.base + i) & 0xFFFF, arrivals.times.get(i)) for i in range(arrivals.count)]


def test_a_run_of_small_deltas():
    """Section 3.1.3: one run length chunk, status 1, length 3; deltas of 250 microseconds."""
    parsed = parse_transport_feedback(packet(100, 3, 2, pack("!H", 1 << 13 | 3) + bytes([0, 4, 8])))
    start = 2 * 0.064
    assert [number for number, _ in numbered(parsed)] == [100, 101, 102]
    assert [at for _, at in numbered(parsed)] == pytest.approx([start, start + 0.001, start + 0.003])


def test_a_vector_of_two_bits_with_a_loss_and_a_large_negative_delta():
    """Section 3.1.4: statuses small, not received, large, in one chunk of seven."""
    chunk = 0b11 << 14 | 1 << 12 | 0 << 10 | 2 << 8
    parsed = parse_transport_feedback(packet(65535, 3, 0, pack("!HBh", chunk, 40, -8)))
    assert numbered(parsed) == [(65535, pytest.approx(0.01)), (0, None), (1, pytest.approx(0.008))]


def test_a_vector_of_one_bit():
    chunk = 0b10 << 14 | 0b10_0000_0000_0001
    parsed = parse_transport_feedback(packet(0, 14, 0, pack("!HBB", chunk, 4, 4)))
    assert [at is not None for _, at in numbered(parsed)] == [True, *[False] * 12, True]


def test_the_reserved_status_has_no_delta():
    parsed = parse_transport_feedback(packet(0, 2, 1, pack("!HHB", 3 << 13 | 1, 1 << 13 | 1, 0)))
    assert numbered(parsed) == [(0, None), (1, pytest.approx(0.064))]


def test_a_run_is_cut_off_where_the_count_ends():
    parsed = parse_transport_feedback(packet(0, 2, 1, pack("!HBB", 1 << 13 | 0x1FFF, 0, 4)))
    assert numbered(parsed) == [(0, pytest.approx(0.064)), (1, pytest.approx(0.065))]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        packet(0, 1, 0, b""),
        packet(0, 1, 0, pack("!H", 1 << 13 | 1)),
        packet(0, 1, 0, pack("!HB", 2 << 13 | 1, 0)),
        packet(0, 8, 0, pack("!H", 0)),
        packet(0, 65535, 0, pack("!H", 0x1FFF) * 8),
        packet(0, 8191, 0, pack("!HB", 1 << 13 | 0x1FFF, 0)),
    ],
    ids=["nothing", "no status", "no delta", "half a delta", "a run of none", "far too many", "one delta of thousands"],
)
def test_what_is_cut_short_or_out_of_bounds(data):
    with pytest.raises(ValueError, match="The feedback"):
        parse_transport_feedback(data)


@settings(max_examples=2000, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_parsed_or_refused(data):
    with contextlib.suppress(ValueError):
        assert len(numbered(parse_transport_feedback(data))) <= 8192


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 400)), min_size=1, max_size=100), st.integers(0, 65535))
def test_what_our_own_writer_tells_comes_back(steps, first):
    log, told, number, ticks = ArrivalLog(), {}, first, 4000
    for skipped, later in steps:
        number, ticks = number + 1 + skipped, ticks + later
        log.add(number & 0xFFFF, ticks * 0.00025)
        told[number & 0xFFFF] = ticks * 0.00025
    body = log.take(ticks * 0.00025)
    parsed = {number: at for number, at in numbered(parse_transport_feedback(body)) if at is not None}
    assert parsed == pytest.approx({number: told[number] for number in parsed})
    assert set(list(told)[-1:]) <= set(parsed)
