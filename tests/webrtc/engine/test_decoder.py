"""The decoder's thread: every picture decoded, the newest shown, never far behind, and nothing broken shown."""

import asyncio
import itertools
import threading
from fractions import Fraction

import numpy as np
import pytest

from colorfilter.webrtc import open_vp8
from colorfilter.webrtc.engine import decoder
from colorfilter.webrtc.engine.decoder import LiveDecoder, PictureBatch, PictureQueue, decode_pictures
from colorfilter.webrtc.engine.picture_gate import PictureLimit
from colorfilter.webrtc.engine.smoother import MAX_HOLD_S
from tests.support import figures, reference
from tests.support.moving import Clock

KEY, DIFFERENCE = b"\x00", b"\x01"
START = 100.0


def encoded(count):
    """VP8 pictures of rising brightness."""
    codec = open_vp8(64, 48, 800_000)
    for i in range(count):
        frame = reference.make_frame(64, 48, lambda shape, level=100 + 20 * i: np.full(shape, level, np.uint8))
        frame.pts, frame.time_base = i * 3000, Fraction(1, 90000)
        yield b"".join(bytes(part) for part in codec.encode(frame))


def test_it_decodes_them_all_and_shows_the_newest_at_its_time():
    batch = PictureBatch([(50 + i * 3000, data) for i, data in enumerate(encoded(3))], START)
    (shown,) = LiveDecoder().decode(batch)
    assert shown.pts == 50 + 6000
    assert np.abs(reference.read_planes(shown)[0] - 140.0).max() <= 12


def test_decoded_pictures_are_counted_with_their_pixels_and_those_left_out(monkeypatch):
    seen = []
    monkeypatch.setattr(decoder.metrics, "observe_picture", seen.append)
    before = figures.here()["colorfilter_pictures_left_out_total"]
    key, *others = encoded(3)
    limit = PictureLimit()
    live = LiveDecoder(limit)
    live.decode(PictureBatch([(0, key), (3000, others[0])], START))
    limit.pixels = 64 * 48 - 1
    live.decode(PictureBatch([(6000, key), (9000, others[1])], START))
    assert seen == [64 * 48, 64 * 48]
    assert figures.here()["colorfilter_pictures_left_out_total"] - before == 2


def waiting(*pictures):
    """A queue with a batch for each of these, and its event."""
    lost = threading.Event()
    pictures_queue = PictureQueue(lost)
    for index, data in enumerate(pictures):
        pictures_queue.put(PictureBatch([(index * 3000, data)], START))
    return pictures_queue, lost


def data_of(batch):
    return batch.pictures[0][1]


def test_a_decoder_that_keeps_up_gets_every_picture():
    pictures, lost = waiting(KEY, *[DIFFERENCE] * 10)
    assert [data_of(pictures.get()) for _ in range(11)] == [KEY] + [DIFFERENCE] * 10
    assert not lost.is_set()


def test_a_decoder_that_is_behind_goes_on_with_the_next_key_frame():
    pictures, lost = waiting(*[DIFFERENCE] * 100, KEY, DIFFERENCE)
    pictures.put(None)
    assert [pictures.get().pictures[0][0] // 3000 for _ in range(2)] == [100, 101]
    assert lost.is_set()
    assert pictures.get() is None


def test_with_many_losses_each_picture_of_a_batch_is_handed_on_at_its_time(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(decoder, "time", clock)
    pictures, seen = PictureQueue(threading.Event()), []
    monkeypatch.setattr(pictures._ended, "wait", lambda seconds: setattr(clock, "now", clock.now + seconds))
    for batch in range(60):  # four pictures each, whole with the last of them
        first = batch * 4 * 3000
        arrived = START + (first + 3 * 3000) / 90_000
        clock.now = max(clock.now, arrived)
        pictures.put(PictureBatch([(first + i * 3000, b"x") for i in range(4)], arrived))
        while not pictures._queue.empty() or pictures._held:
            seen.append((pictures.get().pictures[-1][0], clock.now))
    even = seen[-20:]
    assert [later[0] - before[0] for before, later in itertools.pairwise(even)] == [3000] * 19
    assert all(abs(later[1] - before[1] - 1 / 30) < 0.001 for before, later in itertools.pairwise(even))


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, [(1, 0.0)]),
        (3, [(1, 0.0), (1, 1 / 60), (1, 2 / 60)]),
        (5, [(1, 0.0), (1, 1 / 60), (1, 2 / 60), (1, 3 / 60), (1, 4 / 60)]),
        (6, [(6, 0.0)]),
    ],
)
def test_a_few_that_waited_for_a_lost_packet_come_soon_after_each_other_and_of_more_the_newest(
    monkeypatch, count, expected
):
    clock = Clock()
    monkeypatch.setattr(decoder, "time", clock)
    clock.now = START
    pictures, seen = PictureQueue(threading.Event()), []
    monkeypatch.setattr(pictures._ended, "wait", lambda seconds: setattr(clock, "now", clock.now + seconds))
    pictures.put(PictureBatch([(i * 3000, b"x") for i in range(count)], START))
    while not pictures._queue.empty() or pictures._held:
        seen.append((len(pictures.get().pictures), clock.now - START))
    assert seen == [(number, pytest.approx(at)) for number, at in expected]


def waits_of(monkeypatch, jump=0):
    """How long a queue that holds pictures waits for the two of a batch, of which the second one's time has jumped."""
    monkeypatch.setattr(decoder, "time", Clock())  # which stands still, long before anything is due
    pictures, waits = PictureQueue(threading.Event()), []
    monkeypatch.setattr(pictures._ended, "wait", waits.append)
    for batch in range(120):
        first, second = batch * 6000, batch * 6000 + 3000 + jump * (batch == 119)
        pictures.put(PictureBatch([(first, KEY), (second, KEY)], START + first / 90_000))
        while not pictures._queue.empty() or pictures._held:
            pictures.get()
    return waits[-2:]


def test_a_time_stamp_that_jumps_holds_no_longer_than_any(monkeypatch):
    assert waits_of(monkeypatch) == [MAX_HOLD_S, MAX_HOLD_S]
    assert waits_of(monkeypatch, jump=(1 << 31) - 1) == [MAX_HOLD_S, MAX_HOLD_S]


def test_from_the_end_on_nothing_is_held():
    """The event loop waits for the decoder's thread, and with it every viewer."""
    pictures = PictureQueue(threading.Event())
    assert not pictures._ended.wait(0)
    pictures.put(None)
    assert pictures._ended.wait(0)
    assert pictures.get() is None


async def shown_of(*pictures):
    """The times of the frames that the thread shows of these pictures, and whether it wants a key frame."""
    waiting_pictures, lost = waiting(*pictures)
    waiting_pictures.put(None)
    frames = asyncio.Queue()
    arguments = (waiting_pictures, frames, asyncio.get_running_loop(), PictureLimit())
    thread = threading.Thread(target=decode_pictures, args=arguments)
    thread.start()
    times = []
    while (frame := await frames.get()) is not None:
        times.append(frame.pts // 3000)
    thread.join()
    return times, lost.is_set()


def test_after_a_picture_that_cannot_be_decoded_nothing_is_shown_before_a_key_frame():
    key, *differences = encoded(4)
    broken, good = key[:12], [key, *differences]  # a key frame that ends within its header
    assert asyncio.run(shown_of(*good)) == ([0, 1, 2, 3], False)
    assert asyncio.run(shown_of(key, broken, *differences[:2], key, differences[0])) == ([0, 4, 5], True)


def test_after_a_picture_that_cannot_be_decoded_the_rest_of_its_batch_is_not_shown():
    pictures = PictureQueue(threading.Event())
    pictures.put(PictureBatch([(0, KEY)], START))
    pictures.put(PictureBatch([(3000 * i, DIFFERENCE) for i in range(1, 4)], START))
    pictures.put(PictureBatch([(12000, KEY)], START))
    pictures.get()
    assert pictures.get().pictures == [(3000, DIFFERENCE)]
    pictures.await_key_frame()
    assert pictures.get().pictures == [(12000, KEY)]
