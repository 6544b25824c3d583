"""Which lost packets are sent again: once a round trip, nothing that a key frame has made old, never a long tail."""

from colorfilter.webrtc.engine.retransmission import MAX_BACKLOG_S, PACKET_BYTES, RetransmissionQueue, is_older


def all_of(queue, now=0.0):
    return list(iter(lambda: queue.pop(now), None))


def test_what_is_missing_is_sent_again_in_the_order_of_asking():
    queue = RetransmissionQueue()
    queue.on_nack([7, 9, 8], 0.05, 0.0)
    queue.on_nack([9], 0.05, 0.0)
    assert all_of(queue) == [7, 9, 8]


def test_a_packet_is_sent_again_once_a_round_trip():
    queue = RetransmissionQueue()
    queue.on_nack([7], 0.05, 0.0)
    assert all_of(queue, 0.0) == [7]
    queue.on_nack([7], 0.05, 0.04)  # asked before the first answer can have arrived
    assert all_of(queue, 0.04) == []
    queue.on_nack([7], 0.05, 0.06)
    assert all_of(queue, 0.06) == [7]


def test_nothing_older_than_the_newest_key_frame_is_sent_again():
    queue = RetransmissionQueue()
    queue.on_nack([65534, 3, 20], 0.05, 0.0)
    queue.on_key_frame(5)
    queue.on_nack([65535, 4, 5, 6], 0.05, 0.0)
    assert all_of(queue) == [20, 5, 6]


def test_more_than_a_quarter_of_a_second_of_the_line_is_too_long():
    queue, bitrate = RetransmissionQueue(), 384_000
    most = int(MAX_BACKLOG_S * bitrate / (8 * PACKET_BYTES))
    queue.on_nack(range(most), 0.05, 0.0)
    assert not queue.is_too_long(bitrate)
    queue.on_nack([most], 0.05, 0.0)
    assert queue.is_too_long(bitrate)
    queue.clear()
    assert queue.pop(0.0) is None


def test_numbers_of_16_bits_wrap():
    assert is_older(65535, 0)
    assert is_older(1, 2)
    assert not is_older(0, 65535)
    assert not is_older(2, 2)
