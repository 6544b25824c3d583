"""Two peers in one process, no browser: ours, and a stock one or another of ours, over a network that loses packets."""

import asyncio
import logging
import re
from types import SimpleNamespace

import aiortc.rtcrtpreceiver
import pytest
from aiortc import RTCPeerConnection
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.rtp import RTCP_PSFB_PLI, RTCP_RTPFB_NACK, RtcpPsfbPacket, RtcpRtpfbPacket

from colorfilter.webrtc.congestion_control import START_BITRATE
from colorfilter.webrtc.engine import LivePeerConnection
from colorfilter.webrtc.engine.jitter_buffer import EncodedPicture
from colorfilter.webrtc.engine.picture_gate import MAX_PICTURE_PIXELS
from colorfilter.webrtc.engine.receiver import LiveReceiver, Unwrapper
from colorfilter.webrtc.engine.sender import LiveSender
from tests.support import figures
from tests.support.loopback import Loopback, Network
from tests.support.patience import PATIENCE

PEERS = pytest.mark.parametrize("viewer", [RTCPeerConnection, LivePeerConnection], ids=["stock", "ours"])


def assert_whole(numbers):
    """Every frame that was shown is one that was sent, none comes before one sent earlier, and none twice."""
    assert numbers == sorted(set(numbers))


@PEERS
def test_pictures_go_both_ways_in_vp8_and_it_closes(viewer):
    async def main():
        async with Loopback(Network(), Network(), viewer) as loop:
            await asyncio.gather(loop.seen_by_server.more(30), loop.seen_by_viewer.more(30))
            answer = loop.server.localDescription.sdp
            has_feedback = loop.sender.side.controller._has_feedback
        for numbers in (loop.seen_by_server.numbers, loop.seen_by_viewer.numbers):
            assert_whole(numbers)
        assert re.findall(r"a=rtpmap:\d+ (\w+)", answer) == ["VP8", "rtx"]
        assert f"x-google-start-bitrate={START_BITRATE // 1000}" in answer
        assert has_feedback == (viewer is LivePeerConnection)  # a stock peer knows nothing of it

    asyncio.run(main())


@PEERS
def test_what_is_lost_late_double_and_out_of_order_shows_nothing_broken(viewer):
    async def main():
        bad = {"loss": 0.05, "delay_s": 0.01, "jitter_s": 0.03, "duplicates": 0.05}
        async with Loopback(Network(1, **bad), Network(2, **bad), viewer) as loop:
            await asyncio.gather(loop.seen_by_server.more(90), loop.seen_by_viewer.more(60, seconds=60))
            assert loop.up.dropped > 0
            assert loop.down.dropped > 0
        assert_whole(loop.seen_by_server.numbers)
        assert_whole(loop.seen_by_viewer.numbers)

    asyncio.run(main())


def test_pictures_above_the_limit_of_the_connection_are_left_out_up_to_a_smaller_one():
    async def main():
        async with Loopback(Network(), Network()) as loop:
            await loop.seen_by_server.more(5)
            limit, (ssrc, *_) = loop.server.picture_limit, loop.receiver._remote_streams
            limit.pixels = 100
            async with asyncio.timeout(20 * PATIENCE):
                while not limit.refused:
                    await loop.receiver._send_rtcp_pli(ssrc)
                    await asyncio.sleep(0.1)
            last = loop.viewer_track.number
            limit.pixels = MAX_PICTURE_PIXELS
            await loop.receiver._send_rtcp_pli(ssrc)
            await loop.seen_by_server.more(5)
            assert loop.seen_by_server.numbers[-5] >= last

    asyncio.run(main())


@pytest.mark.parametrize("away_s", [1, 3, pytest.param(10, marks=pytest.mark.slow)])
def test_a_network_that_was_away_costs_no_connection(away_s):
    async def main():
        async with Loopback(Network(), Network(), LivePeerConnection) as loop:
            await asyncio.gather(loop.seen_by_server.more(20), loop.seen_by_viewer.more(20))
            loop.up.down = loop.down.down = True
            await asyncio.sleep(away_s)
            before = len(loop.seen_by_server.numbers), len(loop.seen_by_viewer.numbers)
            sent = loop.viewer_track.number, loop.server_track.number
            loop.up.down = loop.down.down = False
            await asyncio.gather(loop.seen_by_server.more(10), loop.seen_by_viewer.more(10))
            assert loop.server.connectionState == "connected"
        # Nothing of what was sent meanwhile is shown, and few more frames are sent before one of them is shown. They
        # are counted, not timed: on a slow machine fewer are sent meanwhile.
        assert loop.seen_by_server.numbers[before[0]] - sent[0] in range(-2, 60)
        assert loop.seen_by_viewer.numbers[before[1]] - sent[1] in range(-2, 60)
        assert_whole(loop.seen_by_server.numbers)
        assert_whole(loop.seen_by_viewer.numbers)

    asyncio.run(main())


def said_by(receiver, monkeypatch):
    """What the receiver says of lost packets and pictures: "nack" and "pli"."""
    said = []
    send = receiver._send_rtcp

    async def note(packet):
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            said.append("nack")
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_PLI:
            said.append("pli")
        await send(packet)

    monkeypatch.setattr(receiver, "_send_rtcp", note)
    return said


def test_without_any_resending_one_lost_picture_is_mended_by_a_key_frame(monkeypatch):
    async def never(self, sequence_number):
        pass

    monkeypatch.setattr(RTCRtpSender, "_retransmit", never)

    async def main():
        async with Loopback(Network(), Network()) as loop:
            await loop.seen_by_server.more(20)
            said = said_by(loop.receiver, monkeypatch)
            asked = figures.here()["colorfilter_packets_asked_total"]
            loop.up.loss = 1.0
            await loop.viewer_track.more(3)  # each is sent before the next is asked for: two are lost, or three
            lost_at = loop.viewer_track.number
            loop.up.loss = 0.0
            await loop.seen_by_server.more(5)
            missed = next(number for number in loop.seen_by_server.numbers if number > lost_at) - lost_at
            assert said[0] == "nack"
            assert figures.here()["colorfilter_packets_asked_total"] - asked >= said.count("nack")
            assert "pli" in said
            assert missed <= 90  # at 30 a second, it was 330 with 512 packets to wait for
        assert_whole(loop.seen_by_server.numbers)

    asyncio.run(main())


def test_a_peer_that_asks_for_packets_that_are_gone_gets_a_key_frame():
    """A stock receiver does, after an absence. Its own buffer needs 512 packets more to see that it is one."""

    async def main():
        async with Loopback(Network(), Network()) as loop:
            await loop.seen_by_viewer.more(10)
            forced = []
            send_keyframe = loop.sender._send_keyframe
            loop.sender._send_keyframe = lambda: (forced.append(True), send_keyframe())
            request = RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=0, media_ssrc=loop.sender._ssrc)
            request.lost = [packet.sequence_number for packet in loop.sender._history.values()][-3:]
            loop.sender._history.clear()
            await loop.sender._handle_rtcp_packet(request)
            await loop.seen_by_viewer.more(10)
            assert forced

    asyncio.run(main())


def without_private_name(monkeypatch):
    init = RTCRtpReceiver.__init__

    def init_without(self, *given):
        init(self, *given)
        del self._RTCRtpReceiver__rtx_ssrc

    monkeypatch.setattr(RTCRtpReceiver, "__init__", init_without)


MOVED = [
    lambda monkeypatch: monkeypatch.delattr(RTCRtpSender, "_next_encoded_frame"),
    lambda monkeypatch: monkeypatch.setattr(RTCRtpReceiver, "_handle_rtp_packet", lambda self, packet: None),
    lambda monkeypatch: monkeypatch.setattr(RTCDtlsTransport, "_handle_rtcp_data", lambda self, data, time: None),
    without_private_name,
]


@pytest.mark.parametrize("move", MOVED, ids=["name", "argument", "transport", "private name"])
def test_where_aiortc_has_moved_the_connection_is_stock_and_says_so(move, monkeypatch, caplog):
    move(monkeypatch)
    [transceiver] = make_connection().getTransceivers()
    assert not isinstance(transceiver.sender, LiveSender)
    assert not isinstance(transceiver.receiver, LiveReceiver)
    lines = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert lines
    assert all(line.startswith("A connection goes on without the live engine: in aiortc 1.") for line in lines)


def make_connection():
    async def make():
        connection = LivePeerConnection()
        connection.addTransceiver("video")
        await connection.close()
        return connection

    return asyncio.run(make())


def test_as_aiortc_is_installed_both_parts_are_ours():
    [transceiver] = make_connection().getTransceivers()
    assert isinstance(transceiver.sender, LiveSender)
    assert isinstance(transceiver.receiver, LiveReceiver)
    assert aiortc.rtcrtpreceiver.RTCRtpReceiver is RTCRtpReceiver  # nothing of aiortc is replaced


def test_each_connection_is_counted():
    before = figures.here()["colorfilter_connections_total"]
    make_connection()
    assert figures.here()["colorfilter_connections_total"] == before + 1


def test_numbers_are_unwrapped_over_their_end_and_back():
    unwrap = Unwrapper(1 << 16).unwrap
    assert [unwrap(number) - (1 << 16) for number in (65534, 65535, 1, 0, 65535, 2)] == [
        *(65534, 65535, 65537, 65536, 65535, 65538),
    ]


def test_the_size_is_read_of_a_key_frame_that_comes_together_with_others():
    """The browser is told the most that is of use at that size (`ReceiverFeedback`)."""

    async def main():
        async with Loopback(Network(), Network()) as loop:
            await asyncio.gather(loop.seen_by_server.more(3), loop.seen_by_viewer.more(3))
            seen = []
            loop.receiver._feedback = SimpleNamespace(on_data=seen.append)
            loop.receiver._hand_on([EncodedPicture(0, b"key", 1), EncodedPicture(3000, b"next", 2)], 0.0)
            assert seen == [b"key", b"next"]

    asyncio.run(main())
