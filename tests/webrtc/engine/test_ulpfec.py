"""Packets restored from parity. The expected bytes are those that were lost; parity is made as RFC 5109 says."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket

from colorfilter.webrtc.engine import transport_cc
from colorfilter.webrtc.engine.ulpfec import (
    KEPT_PACKETS,
    KEPT_PARITY,
    Parity,
    UlpfecReceiver,
    blank_extensions,
    fec_parameters,
    parity_codecs,
)

VP8, RED, FEC = 96, 98, 99
SSRC = bytes.fromhex("0badcafe")
TIMES, NUMBER = 1, 3  # ids of header extensions


def rtp(number, seed=0, extension=b""):
    """A packet of random content and length, with two CSRC now and then."""
    draw = random.Random(f"{number} {seed}")
    csrc = draw.choice([0, 0, 2])
    first = 0x80 | (0x10 if extension else 0) | csrc
    header = bytes([first, draw.choice([0, 0x80]) | VP8]) + (number % 65536).to_bytes(2, "big")
    header += draw.randbytes(4) + SSRC + draw.randbytes(4 * csrc)
    if extension:
        header += b"\xbe\xde" + (len(extension) // 4).to_bytes(2, "big") + extension
    return header + draw.randbytes(draw.randrange(1, 1200))


def parity_of(packets, numbers, changing=(), long_mask=False):
    """The payload that protects these packets of a dict by number: the exclusive or, bit by bit (section 7.3 and 8)."""
    chosen = [np.frombuffer(blank_extensions(packets[number], set(changing)), np.uint8) for number in numbers]
    size = max(len(packet) for packet in chosen) - 12
    fields, bodies = np.zeros(8, np.uint8), np.zeros(size, np.uint8)
    for packet in chosen:
        length = np.frombuffer(np.uint16(len(packet) - 12).byteswap().tobytes(), np.uint8)
        fields ^= np.concatenate([packet[:2], packet[4:8], length])
        bodies[: len(packet) - 12] ^= packet[12:]
    base, bits = min(numbers), 48 if long_mask else 16
    mask = sum(1 << (bits - 1 - (number - base)) for number in numbers)
    first = (fields[0] & 0x3F) | (0x40 if long_mask else 0)
    header = bytes([first, fields[1]]) + (base % 65536).to_bytes(2, "big") + fields[2:8].tobytes()
    return header + size.to_bytes(2, "big") + mask.to_bytes(bits // 8, "big") + bodies.tobytes()


@pytest.fixture
def packets():
    return {number: rtp(number) for number in range(65530, 65545)}  # the 16 bits wrap within


@pytest.mark.parametrize("long_mask", [False, True])
@pytest.mark.parametrize("lost", [65530, 65534, 65536, 65541])
def test_any_one_packet_is_restored_byte_by_byte(packets, lost, long_mask):
    protected = range(65530, 65542)
    receiver = UlpfecReceiver(FEC)
    for number in protected:
        if number != lost:
            assert receiver.add(number, packets[number]) == []
    assert receiver.add_parity(65542, parity_of(packets, protected, long_mask=long_mask), SSRC) == [packets[lost]]
    assert receiver.add(65543, packets[65543]) == []  # once


def test_of_two_that_are_lost_one_is_restored_once_the_other_comes(packets):
    receiver = UlpfecReceiver(FEC)
    for number in range(65532, 65535):
        receiver.add(number, packets[number])
    assert receiver.add_parity(65536, parity_of(packets, range(65530, 65535)), SSRC) == []
    assert receiver.add(65531, packets[65531]) == [packets[65530]]


def test_what_is_restored_helps_to_restore_another(packets):
    receiver = UlpfecReceiver(FEC)
    receiver.add(65532, packets[65532])
    assert receiver.add_parity(65540, parity_of(packets, [65530, 65531]), SSRC) == []
    assert receiver.add_parity(65541, parity_of(packets, [65531, 65532]), SSRC) == [packets[65531], packets[65530]]


def test_nothing_lost_nothing_restored(packets):
    receiver = UlpfecReceiver(FEC)
    for number in (65530, 65531):
        receiver.add(number, packets[number])
    assert receiver.add_parity(65532, parity_of(packets, [65530, 65531]), SSRC) == []


def extension(number):
    """A time, something constant, and a number, in one-byte headers with padding between (RFC 8285, section 4.2)."""
    return (
        bytes([TIMES << 4 | 2]) + number.to_bytes(3, "big") + b"\x40\x07" + bytes([NUMBER << 4 | 1, number, 9, 0, 0, 0])
    )


def test_extensions_that_were_written_after_the_parity_do_no_harm():
    sent = {number: rtp(number, extension=extension(number)) for number in range(100, 104)}
    receiver = UlpfecReceiver(FEC, {TIMES, NUMBER})
    for number in (100, 101, 103):
        receiver.add(number, sent[number])
    parity = parity_of(sent, range(100, 104), changing={TIMES, NUMBER})
    [restored] = receiver.add_parity(104, parity, SSRC)
    assert restored == blank_extensions(sent[102], {TIMES, NUMBER})
    assert RtpPacket.parse(restored).payload == RtpPacket.parse(sent[102]).payload


def test_blank_extensions_are_zeros_and_the_rest_is_as_it_was():
    packet = rtp(7, extension=extension(7))
    at = packet.index(extension(7))
    blank = blank_extensions(packet, {TIMES, NUMBER})
    assert blank[:at] + blank[at + 12 :] == packet[:at] + packet[at + 12 :]
    assert blank[at : at + 12] == b"\x12\0\0\0\x40\x07\x31\0\0\0\0\0"
    assert blank_extensions(rtp(8), {TIMES}) == rtp(8)


def in_red(packet, kind=VP8):
    """(the packet as aiortc parses it, the datagram) of an RTP packet that is sent within RED (RFC 2198)."""
    payload_at = len(packet) - len(RtpPacket.parse(packet).payload)
    datagram = packet[:1] + bytes([packet[1] & 0x80 | RED]) + packet[2:payload_at] + bytes([kind]) + packet[payload_at:]
    return RtpPacket.parse(datagram), datagram


def opened(receiver, packet, number, kind=VP8, resent=False):
    parsed, datagram = in_red(packet, kind)
    return receiver.open(parsed, b"" if resent else datagram, number)


def test_red_is_opened_and_what_is_restored_comes_before_its_parity(packets):
    receiver = UlpfecReceiver(FEC)
    for number in (65530, 65532):
        [packet] = opened(receiver, packets[number], number)
        assert packet.serialize() == packets[number]
    parity = rtp(65533)[:12] + parity_of(packets, range(65530, 65533))
    parity = bytes([0x80]) + parity[1:]
    restored, rest = opened(receiver, parity, 65533, kind=FEC)
    assert restored.serialize() == packets[65531]
    assert (rest.sequence_number, rest.payload) == (65533, b"")


def test_the_share_of_parity_is_that_of_the_last_packets(packets):
    receiver = UlpfecReceiver(FEC)
    for number in range(600):
        opened(receiver, rtp(number), number, kind=FEC if number % 4 == 3 else VP8)
    assert receiver.parity_share == pytest.approx(0.25, abs=0.02)
    for number in range(600, 1200):
        opened(receiver, rtp(number), number)
    assert receiver.parity_share < 0.01


def test_what_was_sent_again_is_opened_and_not_used_for_parity(packets):
    receiver = UlpfecReceiver(FEC)
    [packet] = opened(receiver, packets[65530], 65530, resent=True)
    assert packet.payload == RtpPacket.parse(packets[65530]).payload
    assert receiver.add_parity(65532, parity_of(packets, [65530, 65531]), SSRC) == []


@pytest.mark.parametrize("payload", [b"", b"\xe0\0\0\0\x60rest"])
def test_red_of_no_or_several_blocks_is_refused(payload):
    packet = RtpPacket(payload_type=RED, payload=payload)
    with pytest.raises(ValueError, match="RED of no or several blocks"):
        UlpfecReceiver(FEC).open(packet, bytes(12) + payload, 1)


@pytest.mark.parametrize("size", [0, 1, 9, 13])
def test_parity_that_is_cut_short_is_refused_and_takes_its_place(packets, size):
    with pytest.raises(ValueError, match="cut short"):
        Parity.parse(parity_of(packets, [65530, 65531])[:size], 65532, SSRC)
    cut = bytes([0x80]) + rtp(65532)[1:12] + parity_of(packets, [65530, 65531])[:size]
    [packet] = opened(UlpfecReceiver(FEC), cut, 65532, kind=FEC)
    assert (packet.sequence_number, packet.payload) == (65532, b"")


def test_parity_of_a_single_packet_is_that_packet(packets):
    assert UlpfecReceiver(FEC).add_parity(65531, parity_of(packets, [65530]), SSRC) == [packets[65530]]


def test_parity_of_another_stream_restores_nothing(packets):
    receiver = UlpfecReceiver(FEC)
    receiver.add(65530, packets[65530])
    assert receiver.add_parity(65532, parity_of(packets, [65530, 65531]), b"else") == []


def test_what_is_restored_and_cannot_be_read_is_left_out_alone(packets):
    unreadable = bytes([packets[65531][0] & 0xC0 | 0x0F]) + packets[65531][1:20]  # fifteen CSRC in eight bytes
    receiver = UlpfecReceiver(FEC)
    receiver.add(65530, packets[65530])
    parity = parity_of({**packets, 65531: unreadable}, [65530, 65531])
    [packet] = opened(receiver, bytes([0x80]) + rtp(65532)[1:12] + parity, 65532, kind=FEC)
    assert (packet.sequence_number, packet.payload) == (65532, b"")


def test_parity_of_any_bytes_restores_at_most_one_packet_and_keeps_little():
    """Its mask names packets that are there and one that is not; its length, the eighth and ninth byte, is small."""
    draw = random.Random(5)
    receiver, restored = UlpfecReceiver(FEC, {TIMES}), 0
    for number in range(70000, 74000, 2):  # each second one is lost
        receiver.add(number, rtp(number, extension=draw.choice([b"", draw.randbytes(8)])))
        length = draw.randrange(1400)
        known = len(receiver._packets[number])
        header = bytes([draw.randrange(64), 96]) + (number % 65536).to_bytes(2, "big") + draw.randbytes(4)
        header += (length ^ (known - 12)).to_bytes(2, "big") + (1400).to_bytes(2, "big") + b"\xc0\x00"
        made = receiver.add_parity(number + 2, header + draw.randbytes(1400), SSRC)
        assert [len(packet) for packet in made] == [12 + length]
        restored += len(made)
        receiver.add_parity(number + 2, draw.randbytes(draw.randrange(18, 60)), SSRC)
    assert restored == 2000
    assert len(receiver._packets) == KEPT_PACKETS
    assert len(receiver._parity) <= KEPT_PARITY


def codec(kind, payload_type, **parameters):
    return RTCRtpCodecParameters(f"video/{kind}", 90000, None, payload_type, [], parameters)


def test_of_what_is_offered_parity_takes_red_what_is_sent_again_of_it_and_ulpfec():
    offered = [codec("VP8", 96), codec("rtx", 97, apt=96), codec("H264", 100), codec("red", 98)]
    offered += [codec("rtx", 101, apt=98), codec("ulpfec", 99)]
    assert [one.payloadType for one in parity_codecs(offered)] == [98, 99, 101]
    assert parity_codecs(offered[:3]) == []
    assert parity_codecs([offered[0], offered[3], offered[5]]) == []  # what is lost could not come again


def test_what_was_agreed_says_which_packets_are_parity_and_which_extensions_change():
    extensions = [
        SimpleNamespace(id=4, uri=transport_cc.URI),
        SimpleNamespace(id=9, uri="urn:ietf:params:rtp-hdrext:sdes:mid"),
    ]
    agreed = SimpleNamespace(
        codecs=[codec("VP8", 96), codec("red", 98), codec("ulpfec", FEC)], headerExtensions=extensions
    )
    assert fec_parameters(agreed) == (FEC, {4})
    agreed.codecs = agreed.codecs[:1]
    assert fec_parameters(agreed) == (0, {4})
