import pytest

from colorfilter.webrtc.engine.pacer import BURST_S, MAX_WAIT_S, Pacer


def test_a_frame_on_a_fast_line_leaves_at_once():
    pacer = Pacer()
    assert [pacer.delay(1250, 20e6, 1.0) for _ in range(8)] == [0] * 8  # half a millisecond each


def test_a_key_frame_on_a_thin_line_is_spread():
    """40 packets of 10,000 bits at 2.5 Mbit/s are 4 ms each."""
    pacer = Pacer()
    waits = [pacer.delay(1250, 2.5e6, 1.0) for _ in range(40)]
    assert waits[0] == 0
    assert waits[20] == pytest.approx(20 * 0.004 - BURST_S)
    assert waits == sorted(waits)


def test_no_packet_waits_for_ever_and_time_empties_the_bucket():
    pacer = Pacer()
    assert max(pacer.delay(1250, 100e3, 1.0) for _ in range(100)) == MAX_WAIT_S
    assert pacer.delay(1250, 100e3, 100.0) == 0
