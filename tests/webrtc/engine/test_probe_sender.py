"""A probe's packets in simulated time: as many bytes as it wants, at its rate, media counted."""

import asyncio

import pytest

from colorfilter.webrtc.congestion_control.probing import ProbeCluster
from colorfilter.webrtc.engine.probe_sender import ProbeSender
from tests.support import simulated_time

PADDING_BYTES, LEAD_S = 250, 0.002  # what leaves in 2 ms leaves at once


def sent(cluster, media=()):
    """(seconds, cluster's number) of each packet of padding, while media of (seconds, bytes) leaves."""

    async def main():
        time = asyncio.get_running_loop().time
        packets = []

        async def send_padding():
            packets.append((time(), sender.on_sent(PADDING_BYTES)))

        async def send_media():
            for at, size in media:
                await asyncio.sleep(at - time())
                assert sender.on_sent(size) == cluster.number

        sender = ProbeSender(send_padding)
        await asyncio.gather(sender.send(cluster), send_media())
        assert sender.on_sent(1) is None
        return packets

    return simulated_time.run(main())


def test_it_has_as_many_bytes_as_it_wants_evenly_at_its_rate():
    packets = sent(ProbeCluster(7, 2e6, 6_250))
    assert len(packets) == 6_250 / PADDING_BYTES
    for index, (at, number) in enumerate(packets):
        assert at == pytest.approx(max(0, index * PADDING_BYTES * 8 / 2e6 - LEAD_S), abs=0.001)
        assert number == 7


def test_a_small_one_has_packets_enough_to_be_measured():
    assert len(sent(ProbeCluster(1, 200_000.0, 625))) == 6


def test_media_that_leaves_meanwhile_is_part_of_it():
    packets = sent(ProbeCluster(1, 2e6, 6_250), [(0.005, 2_500), (0.015, 1_000)])
    assert len(packets) == (6_250 - 3_500) / PADDING_BYTES
    assert packets[-1][0] == pytest.approx((6_250 - PADDING_BYTES) * 8 / 2e6 - LEAD_S, abs=0.001)


def test_media_alone_may_be_more_than_it_wants():
    assert len(sent(ProbeCluster(1, 2e6, 6_250), [(0.0005, 50_000)])) <= 6


def test_where_the_connection_ends_so_does_it():
    async def fail():
        raise ConnectionError

    async def main():
        sender = ProbeSender(fail)
        with pytest.raises(ConnectionError):
            await sender.send(ProbeCluster(1, 2e6, 6_250))
        assert sender.on_sent(1) is None

    simulated_time.run(main())
