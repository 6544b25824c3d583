import pytest

from colorfilter.webrtc.rate_control import MIN_BITRATE, START_BITRATE, RateController

FULL = 2_500_000


class Network:
    """A sender that does what the pace says, and a browser that reports a queue where the link is too slow."""

    def __init__(self, capacity):
        self.capacity = capacity
        self.pace = RateController()
        self.now = 100.0
        self.rates = []

    def run(self, seconds, capacity=None):
        self.capacity = capacity or self.capacity
        for _ in range(round(seconds * 25)):
            rate = self.pace.target_bitrate(FULL, self.now)
            self.pace.on_sent(rate // 25, self.now)
            if rate > self.capacity and len(self.rates) % 5 == 0:
                self.pace.on_remb(round(0.85 * self.capacity), self.now)
            self.rates.append(rate)
            self.now += 1 / 25
        return self.rates[-1]


def test_starts_carefully_and_is_at_the_full_rate_within_five_seconds():
    network = Network(capacity=100_000_000)
    network.run(0.5)
    assert network.rates[0] == START_BITRATE
    assert network.run(4.5) == FULL


def test_never_above_the_full_rate_of_the_size():
    network = Network(capacity=100_000_000)
    network.run(60)
    assert max(network.rates) == FULL


def test_a_queue_is_obeyed_at_once():
    network = Network(capacity=100_000_000)
    network.run(10)
    network.run(1, capacity=500_000)
    assert network.rates[-1] <= 500_000


def test_below_the_lowest_rate_there_is_no_picture_left_to_send():
    network = Network(capacity=100_000_000)
    network.run(3)
    assert network.run(2, capacity=20_000) == MIN_BITRATE


def test_after_a_fall_the_rate_comes_back():
    network = Network(capacity=100_000_000)
    network.run(10)
    network.run(10, capacity=300_000)
    assert network.run(40, capacity=100_000_000) == FULL


def test_tries_that_fail_become_rare():
    """On a link of 1 Mbit/s: in the first minute some queues, in the fifth hardly any."""
    network = Network(capacity=1_000_000)
    network.run(300)
    above = [rate > 1_000_000 for rate in network.rates]
    first, fifth = sum(above[: 60 * 25]), sum(above[-60 * 25 :])
    assert fifth < first
    assert fifth < 2 * 25  # seconds of frames


def test_an_estimate_above_what_is_sent_is_room_to_grow():
    pace = RateController()
    for i in range(25):
        pace.target_bitrate(FULL, i / 25)
        pace.on_sent(START_BITRATE // 25, i / 25)
    pace.on_remb(300_000, 1.0)
    assert pace.target_bitrate(FULL, 1.0) == 300_000
    pace.on_remb(600_000, 2.5)
    assert pace.target_bitrate(FULL, 2.5) == pytest.approx(600_000)


def test_a_quiet_scene_is_no_reason_to_slow_down():
    """The browser's estimate follows what it gets; a still picture needs little, and the next may need much."""
    pace = RateController()
    for i in range(200):
        pace.target_bitrate(FULL, i / 25)
        pace.on_sent(4_000, i / 25)  # 100 kbit/s
    pace.on_remb(150_000, 8.0)
    assert pace.target_bitrate(FULL, 8.0) == FULL


def test_a_long_round_trip_is_a_queue_too():
    """On a link whose queue stays full the browser sees no delay grow and says nothing; the round trip tells."""
    network = Network(capacity=100_000_000)
    network.run(10)
    network.pace.on_rtt(0.05, network.now)
    network.pace.on_rtt(0.2, network.now)
    assert network.run(1 / 25) == FULL
    network.pace.on_rtt(0.4, network.now)
    assert network.run(1 / 25) == pytest.approx(0.8 * FULL, rel=0.05)
