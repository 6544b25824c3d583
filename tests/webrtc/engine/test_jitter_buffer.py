"""Whole pictures in their order, each at once; after what never comes, nothing before a key frame."""

import dataclasses
import random

import pytest

from colorfilter.webrtc.engine.jitter_buffer import CAPACITY, JitterBuffer, Packet

KEY, DELTA = b"\x00", b"\x01"  # the lowest bit of a picture's first byte (RFC 6386, section 9.1)


def picture(number, timestamp, parts, key=False):
    """The packets of a picture of so many parts, from that number on."""
    first = KEY if key else DELTA
    return [
        Packet(number + i, timestamp, (first if i == 0 else b"") + b"%d" % i, i == 0, i == parts - 1)
        for i in range(parts)
    ]


def whole(packets):
    return b"".join(packet.data for packet in packets)


def handed_on(packets, buffer=None):
    """(number of the packet that brought it, time stamp, data) of each picture."""
    buffer = buffer or JitterBuffer()
    return [(one.number, made.timestamp, made.data) for one in packets for made in buffer.add(one)]


FIRST, SECOND, THIRD = picture(10, 7, 3, key=True), picture(13, 8, 1), picture(14, 9, 2)
ALL = FIRST + SECOND + THIRD


def test_a_picture_is_handed_on_with_its_last_packet():
    assert handed_on(ALL) == [(12, 7, whole(FIRST)), (13, 8, whole(SECOND)), (15, 9, whole(THIRD))]


@pytest.mark.parametrize("seed", range(20))
def test_late_double_and_reordered_packets_give_the_same_pictures(seed):
    mixed = ALL * 2
    random.Random(seed).shuffle(mixed)
    assert [made[1:] for made in handed_on(mixed)] == [made[1:] for made in handed_on(ALL)]


def test_pictures_that_waited_for_one_packet_come_together():
    late = FIRST[1]
    assert [number for number, *_ in handed_on([one for one in ALL if one is not late] + [late])] == [11, 11, 11]


def test_it_begins_with_a_key_frame():
    assert handed_on(SECOND + THIRD + picture(16, 10, 2, key=True)) == [(17, 10, KEY + b"01")]


def test_a_whole_key_frame_needs_nothing_before_it():
    lost, key, after = picture(13, 8, 2)[:1], picture(20, 9, 2, key=True), picture(22, 10, 1)
    assert [made[1] for made in handed_on(FIRST + lost + key + after)] == [7, 9, 10]


def test_a_key_frame_of_which_a_part_is_missing_takes_nobodys_place():
    first, late = picture(13, 8, 2)
    begun = picture(15, 9, 2, key=True)[0]
    assert [made[1] for made in handed_on([*FIRST, first, begun, late])] == [7, 8]


def test_after_what_is_given_up_nothing_comes_before_a_key_frame():
    buffer = JitterBuffer()
    assert len(handed_on(FIRST + picture(14, 9, 2), buffer)) == 1  # the picture of packet 13 never comes
    buffer.await_key_frame()
    assert buffer.next is None
    assert handed_on(picture(13, 8, 1) + picture(16, 10, 1), buffer) == []
    assert [made[1] for made in handed_on(picture(17, 11, 2, key=True), buffer)] == [11]


def test_a_key_frame_that_is_there_when_the_gap_is_given_up_is_taken():
    buffer, lost = JitterBuffer(), 13
    key = picture(lost + 1, 9, 2, key=True)
    handed_on(FIRST, buffer)
    buffer.add(key[1])
    buffer.await_key_frame()
    assert [made[1] for made in handed_on([key[0], *picture(16, 10, 1)], buffer)] == [9, 10]


def test_padding_is_part_of_no_picture():
    padding = [Packet(number, 7, b"", False, False) for number in (13, 14)]
    assert [made[1] for made in handed_on(FIRST + padding + picture(15, 8, 1))] == [7, 8]


def test_without_markers_a_picture_ends_with_the_next_one():
    bare = [Packet(one.number, one.timestamp, one.data, one.begins_picture, False) for one in ALL]
    assert handed_on(bare) == [(13, 7, whole(FIRST)), (14, 8, whole(SECOND))]


def test_what_waits_is_bounded():
    buffer = JitterBuffer()
    handed_on(FIRST, buffer)
    handed_on([one for i in range(3 * CAPACITY) for one in picture(20 + i, 100 + i, 1)], buffer)
    assert len(buffer._packets) <= CAPACITY
    assert buffer.next is None
    last = 20 + 3 * CAPACITY
    assert [made[1] for made in handed_on(picture(last, 9999, 2, key=True), buffer)] == [9999]


def test_a_picture_that_begins_in_each_of_its_packets_costs_no_more_than_another(monkeypatch):
    """Nobody but an attacker sends it. Looked at are at most the packets that wait, a few times for each that comes."""
    buffer, looked = JitterBuffer(), []
    handed_on(FIRST, buffer)
    whole_at = JitterBuffer._picture_at
    monkeypatch.setattr(JitterBuffer, "_picture_at", lambda self, number: looked.append(1) or whole_at(self, number))
    for number in range(14, 14 + 200):  # packet 13 never comes
        buffer.add(Packet(number, 8, KEY, True, False))
    assert len(looked) <= 3 * 200


def test_a_stream_that_begins_anew_at_a_lower_number_is_followed():
    far = picture(70_000, 7, 2, key=True)
    assert [made[1] for made in handed_on(far + picture(500, 8, 1) + picture(501, 9, 1, key=True))] == [7, 9]


@pytest.mark.parametrize("seed", range(10))
def test_whatever_comes_it_never_raises_and_never_goes_back(seed):
    rng, buffer, newest = random.Random(seed), JitterBuffer(), -1
    for _ in range(3000):
        number = rng.randrange(700)
        packet = Packet(number, number // 3, rng.choice([KEY, DELTA, b""]), rng.random() < 0.5, rng.random() < 0.5)
        for made in buffer.add(packet):
            assert made.end > newest
            newest = made.end
        if rng.random() < 0.01:
            buffer.await_key_frame()
    assert len(buffer._packets) <= CAPACITY


def identified(packets, picture_id):
    return [dataclasses.replace(packet, picture_id=picture_id) for packet in packets]


def parity(number, timestamp):
    return Packet(number, timestamp, b"", False, False)


@pytest.mark.parametrize("ids", [(7, 8, 9), (32766, 32767, 0)])
def test_what_is_missing_between_two_pictures_whose_ids_follow_each_other_is_left(ids):
    first, second, third = (identified(one, number) for one, number in zip((FIRST, SECOND, THIRD), ids, strict=True))
    second = [dataclasses.replace(packet, number=packet.number + 2) for packet in second]  # 13 and 14 are lost parity
    third = [dataclasses.replace(packet, number=packet.number + 3) for packet in third]  # and 16, but not 18
    packets = [*first, *second, parity(16, 8), third[0], parity(19, 9), third[1]]
    assert handed_on(packets) == [(12, 7, whole(first)), (15, 8, whole(second)), (18, 9, whole(third))]


@pytest.mark.parametrize("ids", [(7, 9), (7, 7), (7, None), (None, None), (32767, 32768)])
def test_what_is_missing_between_other_pictures_is_waited_for(ids):
    first, third = identified(FIRST, ids[0]), identified(THIRD, ids[1])
    assert handed_on([*first, *third]) == [(12, 7, whole(first))]


def test_the_end_of_a_picture_that_has_begun_is_waited_for():
    first, second = identified(FIRST, 7), identified(picture(13, 8, 2), 8)
    third = identified(picture(15, 9, 1), 9)
    assert handed_on([*first, second[0], *third]) == [(12, 7, whole(first))]
    assert handed_on([*first, second[1], *third]) == [(12, 7, whole(first))]
