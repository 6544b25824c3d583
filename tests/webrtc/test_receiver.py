"""What moves the frames: whole pictures at once, the newest first, the lost asked for again, none piled up."""

import asyncio
import itertools
import queue
import threading
from fractions import Fraction

import numpy as np
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtp import RtpPacket

from colorfilter.webrtc import open_vp8, receiver
from tests.support import reference
from tests.support.moving import Clock


def packet(number, timestamp, data=b"x", marker=0):
    new = RtpPacket(sequence_number=number, timestamp=timestamp, marker=marker)
    new._data = data
    return new


def handed_on(packets):
    """The pictures that come out of the buffer, each with the number of the packet that brought it out."""
    buffer, pictures = receiver.MarkerJitterBuffer(capacity=32, is_video=True), []
    for one in packets:
        _, picture = buffer.add(one)
        if picture is not None:
            pictures.append((one.sequence_number, picture.data, picture.timestamp))
    return pictures


def test_a_picture_is_handed_on_with_its_last_packet():
    packets = [
        packet(65534, 7, b"a"),
        packet(65535, 7, b"b"),
        packet(0, 7, b"c", marker=1),
        packet(1, 8, b"d", marker=1),
    ]
    assert handed_on(packets) == [(0, b"abc", 7), (1, b"d", 8)]


def test_a_picture_waits_for_its_late_packet_and_is_never_handed_on_in_part():
    packets = [packet(1, 7, b"a"), packet(3, 7, b"c", marker=1), packet(2, 7, b"b"), packet(4, 8, b"d", marker=1)]
    assert handed_on(packets) == [(2, b"abc", 7), (4, b"d", 8)]


def test_pictures_that_waited_for_a_lost_packet_are_handed_on_together():
    buffer = receiver.MarkerJitterBuffer(capacity=32, is_video=True)
    for one in [packet(1, 2**32 - 3000, b"a", 1), packet(3, 3000, b"c", 1), packet(4, 6000, b"d", 1)]:
        _, picture = buffer.add(one)
    assert picture is None
    _, picture = buffer.add(packet(2, 0, b"b", 1))
    assert (picture.data, picture.timestamp, picture.rest) == (b"b", 0, [(3000, b"c"), (6000, b"d")])


def test_padding_is_part_of_no_picture():
    packets = [packet(1, 7, b"a", marker=1), packet(2, 7, b""), packet(3, 7, b""), packet(4, 8, b"b", marker=1)]
    assert handed_on(packets) == [(1, b"a", 7), (4, b"b", 8)]


def test_without_markers_it_does_what_the_stock_one_does():
    packets = [packet(1, 7, b"a"), packet(2, 7, b"b"), packet(3, 8, b"c"), packet(4, 9, b"d")]
    assert handed_on(packets) == [(3, b"ab", 7), (4, b"c", 8)]


def encoded(count):
    """VP8 pictures of rising brightness."""
    codec = open_vp8(64, 48, 800_000)
    for i in range(count):
        frame = reference.make_frame(64, 48, lambda shape, level=100 + 20 * i: np.full(shape, level, np.uint8))
        frame.pts, frame.time_base = i * 3000, Fraction(1, 90000)
        yield b"".join(bytes(part) for part in codec.encode(frame))


def test_the_decoder_decodes_them_all_and_shows_the_newest_at_its_time():
    pictures = [JitterFrame(data, 2**32 - 3000 + i * 3000) for i, data in enumerate(encoded(3))]
    together = receiver.FrameBatch(pictures)
    together.timestamp = 50  # as the receiver maps it
    (shown,) = receiver.LiveDecoder().decode(together)
    assert shown.pts == 50 + 6000
    assert np.abs(reference.read_planes(shown)[0] - 140.0).max() <= 12


def waiting(*pictures):
    """The queue of a decoder that has fallen behind by these."""
    tasks = queue.Queue()
    for picture in pictures:
        tasks.put(("codec", JitterFrame(picture, 0)))
    return tasks


KEY, DIFFERENCE = b"\x00", b"\x01"
START = 100.0


def test_a_decoder_that_keeps_up_gets_every_picture():
    tasks, lost = waiting(KEY, *[DIFFERENCE] * 10), threading.Event()
    catching_up = receiver.CatchUpQueue(tasks, lost)
    assert [catching_up.get()[1].data for _ in range(11)] == [KEY] + [DIFFERENCE] * 10
    assert not lost.is_set()


def test_a_decoder_that_is_behind_goes_on_with_the_next_key_frame():
    tasks, lost = waiting(*[DIFFERENCE] * 100), threading.Event()
    catching_up = receiver.CatchUpQueue(tasks, lost)
    tasks.put(("codec", JitterFrame(KEY, 7)))
    tasks.put(("codec", JitterFrame(DIFFERENCE, 8)))
    tasks.put(None)
    assert [catching_up.get()[1].timestamp for _ in range(2)] == [7, 8]
    assert lost.is_set()
    assert catching_up.get() is None


def test_with_many_losses_each_picture_of_a_batch_is_handed_on_at_its_time(monkeypatch):
    clock = Clock()
    clock.sleep = lambda seconds: setattr(clock, "now", clock.now + seconds)
    monkeypatch.setattr(receiver, "time", clock)
    tasks, seen = queue.Queue(), []
    catching_up = receiver.CatchUpQueue(tasks, threading.Event())
    for batch in range(60):  # four pictures each, whole with the last of them
        first = batch * 4 * 3000
        clock.now = max(clock.now, START + (first + 3 * 3000) / 90_000)
        pictures = [JitterFrame(b"%d" % i, first + i * 3000) for i in range(4)]
        together = receiver.FrameBatch(pictures)
        together.arrived = START + (first + 3 * 3000) / 90_000
        tasks.put(("codec", together))
        while not tasks.empty() or catching_up._held:
            _, picture = catching_up.get()
            seen.append((picture.timestamp, clock.now))
    even = seen[-20:]
    assert [later[0] - before[0] for before, later in itertools.pairwise(even)] == [3000] * 19
    assert all(abs(later[1] - before[1] - 1 / 30) < 0.001 for before, later in itertools.pairwise(even))


def test_a_lost_packet_is_asked_for_again_until_it_comes(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(receiver, "time", clock)
    nacks = receiver.PersistentNackGenerator()
    asked = []
    for number in [1, 3, 4, 5, 6, 7, 8, 2, 9, 10, 11]:
        clock.now += 0.04
        if nacks.add(packet(number, 0)):
            asked.append((number, sorted(nacks.missing)))
    assert asked == [(3, [2]), (6, [2])]


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
        proxy = receiver.NewestFrameRelay().subscribe(source)
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
