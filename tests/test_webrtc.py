"""The steps that change aiortc and streamlit-webrtc, each test of an installed step in a process of its own."""

import asyncio
import itertools
import queue
import subprocess
import sys
import threading
from fractions import Fraction

import numpy as np
import pytest
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import (
    HeaderExtensions,
    HeaderExtensionsMap,
    RtcpPsfbPacket,
    RtpPacket,
    unpack_header_extensions,
    unpack_remb_fci,
)
from av import CodecContext, Packet

from colorfilter import webrtc
from colorfilter.pace import START_RATE

import reference


def installed(before, after):
    """What `after` prints in a process that ran `before` and then `install`, and what that logged."""
    script = f"import aiortc.codecs, streamlit_webrtc.relay\n{before}\n"
    script += f"from colorfilter import webrtc\nwebrtc.install()\nwebrtc.install()\n{after}"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return ran.stdout.split(), [line for line in ran.stderr.splitlines() if "live engine" in line]


STATE = """
print(type(aiortc.codecs.get_encoder(aiortc.codecs.CODECS["video"][0])).__name__)
print(",".join(codec.mimeType for codec in aiortc.codecs.CODECS["video"]))
print("transport-cc" in [f.type for f in aiortc.codecs.CODECS["video"][0].rtcpFeedback])
print(type(aiortc.codecs.get_decoder(aiortc.codecs.CODECS["video"][0])).__name__)
print(aiortc.rtcrtpreceiver.NackGenerator.__name__, aiortc.rtcrtpreceiver.decoder_worker.__name__)
print(aiortc.rtp.HeaderExtensionsMap.__name__)
print(getattr(getattr(streamlit_webrtc.relay, "MediaRelay", None), "__name__", None))
"""


ALL = [
    *["LiveEncoder", "video/VP8,video/rtx", "True"],
    *["LiveDecoder", "PersistentNackGenerator", "decode_what_is_new", "PromptHeaderExtensions", "NewestFrameRelay"],
]


def test_every_step_is_taken_once():
    assert installed("", STATE) == (ALL, [])


@pytest.mark.parametrize(
    ("before", "step", "stock", "place"),
    [
        ("del streamlit_webrtc.relay.MediaRelay", "relay_newest_frame", "None", 7),
        ("del aiortc.rtcrtpreceiver.RTCRtpReceiver._handle_rtp_packet", "give_transport_feedback", "False", 2),
        ("del aiortc.codecs.vpx.number_of_threads", "use_live_encoder", "Vp8Encoder", 0),
        ("del aiortc.rtcrtpreceiver.JitterBuffer", "hand_on_at_the_marker", "Vp8Decoder", 3),
    ],
)
def test_a_step_whose_place_has_moved_is_left_out_with_one_line(before, step, stock, place):
    state, log = installed(before, STATE)
    assert state == [*ALL[:place], stock, *ALL[place + 1 :]]
    (line,) = log
    assert step in line


OFFER_H264_FIRST = """
import asyncio, re
from aiortc import RTCPeerConnection, RTCSessionDescription
async def offer():
    connection = RTCPeerConnection()
    connection.addTransceiver("video")
    sdp = (await connection.createOffer()).sdp
    line = re.search("m=video .*", sdp).group()
    vp8 = re.search(r"a=rtpmap:(\\d+) VP8", sdp).group(1)
    h264 = re.search(r"a=rtpmap:(\\d+) H264", sdp).group(1)
    swapped = {vp8: h264, h264: vp8}
    return sdp.replace(line, " ".join(swapped.get(word, word) for word in line.split(" ")))
offered = asyncio.run(offer())
assert offered.index("H264") > 0
"""

ANSWER = """
async def answer():
    connection = RTCPeerConnection()
    await connection.setRemoteDescription(RTCSessionDescription(offered, "offer"))
    return (await connection.createAnswer()).sdp
sdp = asyncio.run(answer())
print(*re.findall("a=rtpmap:[0-9]+ (.*)/", sdp), *re.findall("x-google-start-bitrate=[0-9]+", sdp))
"""


def test_vp8_for_everyone_also_where_h264_is_offered_first():
    """And with it the rate at which Chromium is to start, in kbit/s."""
    assert installed(OFFER_H264_FIRST, ANSWER)[0] == ["VP8", "rtx", f"x-google-start-bitrate={START_RATE // 1000}"]


def frames(count, width=640, height=480, start=0):
    """Noisy frames, which no encoder makes small."""
    rng = np.random.default_rng(0)
    for i in range(start, start + count):
        frame = reference.make_frame(width, height, lambda shape: rng.integers(0, 256, shape, np.uint8))
        frame.pts, frame.time_base = i * 3000, Fraction(1, 90000)
        yield frame


@pytest.fixture
def clock(monkeypatch):
    """The encoder's clock, 1/30 of a second a frame."""

    class Clock:
        now = 10.0

        def monotonic(self):
            self.now += 1 / 30
            return self.now

    monkeypatch.setattr(webrtc, "time", Clock())


@pytest.fixture
def still_clock(monkeypatch):
    """The module's clock, which goes on only as the test says."""

    class Clock:
        now = 0.0

        def monotonic(self):
            return self.now

        perf_counter = monotonic

    clock = Clock()
    monkeypatch.setattr(webrtc, "time", clock)
    return clock


@pytest.fixture
def opened(monkeypatch):
    """The (width, height, rate) of each encoder that is opened."""
    calls = []
    open_vp8 = webrtc.open_vp8
    monkeypatch.setattr(webrtc, "open_vp8", lambda *args: calls.append(args) or open_vp8(*args))
    return calls


def test_the_first_encoder_has_the_full_size_and_the_careful_rate(clock, opened):
    encoder = webrtc.LiveEncoder()
    for frame in frames(2, 1280, 720):
        encoder.encode(frame)
    assert opened == [(1280, 720, START_RATE)]
    assert encoder.codec.thread_count >= 1


def test_small_changes_of_the_rate_open_no_new_encoder(clock, opened):
    encoder = webrtc.LiveEncoder()
    for i, frame in enumerate(frames(60)):
        encoder.target_bitrate = round(START_RATE * (1 + 0.1 * (i % 2)))
        encoder.encode(frame)
    assert len(opened) == 1


def test_a_slow_network_gets_a_smaller_picture(clock, opened):
    encoder = webrtc.LiveEncoder()
    for frame in frames(25, 1280, 720):
        encoder.encode(frame)
    encoder.target_bitrate = 200_000
    for frame in frames(25, 1280, 720, start=25):
        encoder.encode(frame)
    width, height, rate = opened[-1]
    assert rate == 200_000
    assert width / height == pytest.approx(16 / 9, rel=0.01)
    assert width < 800


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (1920, 1080)])
def test_at_the_full_rate_the_picture_has_its_size(size):
    assert webrtc.size_at(*size, webrtc.full_rate(*size)) == size


def test_at_the_start_the_picture_has_its_size_too(clock, opened):
    encoder = webrtc.LiveEncoder()
    for frame in frames(1, 1920, 1080):
        encoder.encode(frame)
    assert opened == [(1920, 1080, START_RATE)]


def depayloaded(payloads):
    return b"".join(webrtc.vpx.vp8_depayload(payload) for payload in payloads)


def is_key_frame(data):
    """RFC 6386, section 9.1: the lowest bit of the first byte is 0 in a key frame."""
    return data[0] & 1 == 0


def test_a_dropped_frame_leaves_no_gap_and_a_key_frame_asked_for_comes_all_the_same(clock):
    """At 100 kbit/s noise is dropped often. A browser waits for ever for a picture whose number was skipped."""
    encoder = webrtc.LiveEncoder()
    encoder._pace._wanted = encoder._rate = 100_000
    numbers, keys, asked, answered = [], 0, 0, 0
    for i, frame in enumerate(frames(90, 320, 240)):
        ask = i % 30 == 15
        asked += ask
        payloads, _ = encoder.encode(frame, force_keyframe=ask)
        if payloads:
            numbers.append(webrtc.vpx.VpxPayloadDescriptor.parse(payloads[0])[0].picture_id)
            keys += is_key_frame(depayloaded(payloads))
        answered = keys
    assert len(numbers) < 90  # some were dropped
    assert [(b - a) % (1 << 15) for a, b in itertools.pairwise(numbers)] == [1] * (len(numbers) - 1)
    assert answered >= asked + 1


def test_what_it_sends_is_vp8_that_decodes_to_the_picture(clock):
    encoder, decoder = webrtc.LiveEncoder(), CodecContext.create("libvpx", "r")
    for i in range(30):  # the first, within its few bits, is coarse
        frame = reference.make_frame(640, 480, lambda shape: np.full(shape, 120, np.uint8))
        frame.pts, frame.time_base = i * 3000, Fraction(1, 90000)
        payloads, _ = encoder.encode(frame)
        (decoded,) = decoder.decode(Packet(depayloaded(payloads)))
    for plane in reference.read_planes(decoded):
        assert np.abs(plane - 120).max() <= 3


def packet(number, timestamp, data=b"x", marker=0):
    new = RtpPacket(sequence_number=number, timestamp=timestamp, marker=marker)
    new._data = data
    return new


def handed_on(packets):
    """The pictures that come out of the buffer, each with the number of the packet that brought it out."""
    buffer, pictures = webrtc.PromptJitterBuffer(capacity=32, is_video=True), []
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
    buffer = webrtc.PromptJitterBuffer(capacity=32, is_video=True)
    for one in [packet(1, 2**32 - 3000, b"a", 1), packet(3, 3000, b"c", 1), packet(4, 6000, b"d", 1)]:
        _, picture = buffer.add(one)
    assert picture is None
    _, picture = buffer.add(packet(2, 0, b"b", 1))
    assert (picture.data, picture.timestamp, picture.rest) == (b"b", 0, [(3000, b"c"), (6000, b"d")])


def encoded(count):
    """VP8 pictures of rising brightness."""
    codec = webrtc.open_vp8(64, 48, 800_000)
    for i in range(count):
        frame = reference.make_frame(64, 48, lambda shape, level=100 + 20 * i: np.full(shape, level, np.uint8))
        frame.pts, frame.time_base = i * 3000, Fraction(1, 90000)
        yield b"".join(bytes(part) for part in codec.encode(frame))


def test_the_decoder_decodes_them_all_and_shows_the_newest_at_its_time():
    pictures = [JitterFrame(data, 2**32 - 3000 + i * 3000) for i, data in enumerate(encoded(3))]
    together = webrtc.Pictures(pictures)
    together.timestamp = 50  # as the receiver maps it
    (shown,) = webrtc.LiveDecoder().decode(together)
    assert shown.pts == 50 + 6000
    assert np.abs(reference.read_planes(shown)[0] - 140.0).max() <= 12


def waiting(*pictures):
    """The queue of a decoder that has fallen behind by these."""
    tasks = queue.Queue()
    for picture in pictures:
        tasks.put(("codec", JitterFrame(picture, 0)))
    return tasks


KEY, DIFFERENCE = b"\x00", b"\x01"


def test_a_decoder_that_keeps_up_gets_every_picture():
    tasks, lost = waiting(KEY, *[DIFFERENCE] * 10), threading.Event()
    catching_up = webrtc.CatchingUp(tasks, lost)
    assert [catching_up.get()[1].data for _ in range(11)] == [KEY] + [DIFFERENCE] * 10
    assert not lost.is_set()


def test_a_decoder_that_is_behind_goes_on_with_the_next_key_frame():
    tasks, lost = waiting(*[DIFFERENCE] * 100), threading.Event()
    catching_up = webrtc.CatchingUp(tasks, lost)
    tasks.put(("codec", JitterFrame(KEY, 7)))
    tasks.put(("codec", JitterFrame(DIFFERENCE, 8)))
    tasks.put(None)
    assert [catching_up.get()[1].timestamp for _ in range(2)] == [7, 8]
    assert lost.is_set()
    assert catching_up.get() is None


def test_a_lost_packet_is_asked_for_again_until_it_comes(still_clock):
    nacks = webrtc.PersistentNackGenerator()
    asked = []
    for number in [1, 3, 4, 5, 6, 7, 8, 2, 9, 10, 11]:
        still_clock.now += 0.04
        if nacks.add(packet(number, 0)):
            asked.append((number, sorted(nacks.missing)))
    assert asked == [(3, [2]), (6, [2])]


def test_the_browser_is_told_to_send_no_finer_than_it_gets_back(still_clock):
    codec = webrtc.open_vp8(1280, 720, 2_000_000)
    (frame,) = frames(1, 1280, 720)
    key_frame = b"".join(bytes(part) for part in codec.encode(frame))
    reports, limits = webrtc.Reports(), []
    for number in range(100):
        still_clock.now += 0.04
        for report in reports.on_arrival(number, 7, 8):
            if isinstance(report, RtcpPsfbPacket):
                limits.append((number, *unpack_remb_fci(report.fci)))
        reports.on_data(key_frame[:1000] if number == 9 else b"\x01" * 1000)
    full = webrtc.full_rate(1280, 720)
    assert [number for number, _, _ in limits] == [10, 35, 60, 85]
    assert {tuple(ssrcs) for _, _, ssrcs in limits} == {(7,)}
    assert all(rate == pytest.approx(full, rel=0.001) for _, rate, _ in limits)


@pytest.mark.parametrize("size", [(2, 2), (640, 480), (1920, 1080)])
def test_the_size_stands_in_a_key_frame_alone(size):
    codec = webrtc.open_vp8(*size, 800_000)
    first, second = (b"".join(bytes(part) for part in codec.encode(frame)) for frame in frames(2, *size))
    assert webrtc.key_frame_size(first) == size
    assert webrtc.key_frame_size(second) is None
    assert webrtc.key_frame_size(b"") is None


def test_each_packet_asks_the_browser_to_show_its_picture_at_once():
    names = {3: "urn:ietf:params:rtp-hdrext:sdes:mid", 7: webrtc.PromptHeaderExtensions.URI}
    extensions = [RTCRtpHeaderExtensionParameters(id=number, uri=uri) for number, uri in names.items()]
    header = webrtc.PromptHeaderExtensions()
    header.configure(RTCRtpParameters(headerExtensions=extensions))
    profile, elements = header.set(HeaderExtensions(mid="0"))
    assert unpack_header_extensions(profile, elements) == [(3, b"0"), (7, bytes(3))]
    assert len(elements) % 4 == 0


def test_who_did_not_offer_that_is_not_asked():
    header = webrtc.PromptHeaderExtensions()
    header.configure(RTCRtpParameters())
    assert header.set(HeaderExtensions(mid="0")) == HeaderExtensionsMap().set(HeaderExtensions(mid="0"))


def test_padding_is_part_of_no_picture():
    packets = [packet(1, 7, b"a", marker=1), packet(2, 7, b""), packet(3, 7, b""), packet(4, 8, b"b", marker=1)]
    assert handed_on(packets) == [(1, b"a", 7), (4, b"b", 8)]


def test_without_markers_it_does_what_the_stock_one_does():
    packets = [packet(1, 7, b"a"), packet(2, 7, b"b"), packet(3, 8, b"c"), packet(4, 9, b"d")]
    assert handed_on(packets) == [(3, b"ab", 7), (4, b"c", 8)]


class Counter(MediaStreamTrack):
    """A track of numbers, as fast as they are read."""

    kind = "video"

    def __init__(self):
        super().__init__()
        self.number = 0

    async def recv(self):
        await asyncio.sleep(0.001)
        self.number += 1
        return self.number


def test_a_slow_reader_of_the_relay_gets_the_newest_frame_and_none_pile_up():
    async def read():
        source = Counter()
        proxy = webrtc.NewestFrameRelay().subscribe(source)
        behind = []
        for _ in range(5):
            frame = await proxy.recv()
            behind.append(source.number - frame)
            await asyncio.sleep(0.05)
        return behind

    assert max(asyncio.run(read())) <= 1 + 60  # read once, then overtaken while waiting, never queued
    assert asyncio.run(read())[-1] <= 60
