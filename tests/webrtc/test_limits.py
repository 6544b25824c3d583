"""What a hostile browser asks for is left out, and what a real one asks for is not."""

import asyncio
import struct
from types import SimpleNamespace

import pytest
from aiortc import RTCPeerConnection
from hypothesis import given
from hypothesis import strategies as st
from streamlit_webrtc import component
from streamlit_webrtc.component import WebRtcStreamerState

from colorfilter.host.settings import Settings
from colorfilter.webrtc import connection, limits
from colorfilter.webrtc.engine import decoder
from colorfilter.webrtc.engine.nack import NackRequester
from colorfilter.webrtc.limits import PictureGate, few_candidates

RATE = Settings().max_picture_rate
INTER = b"\x01" + bytes(40)


def key_frame(width, height):
    """The first bytes of a VP8 key frame (RFC 6386, section 9.1)."""
    return b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(30)


def check_offer(sdp):
    limits.check_offer(sdp, 32)


async def offer(*kinds):
    peer = RTCPeerConnection()
    for kind, _, direction in (kind.partition(" ") for kind in kinds):
        peer.addTransceiver(kind, direction=direction or "sendrecv")
    made = await peer.createOffer()
    await peer.close()
    return made.sdp


@pytest.mark.parametrize("kinds", [("video",), ("video recvonly", "audio recvonly")])
def test_one_line_of_video_is_taken(kinds):
    check_offer(asyncio.run(offer(*kinds)))


@pytest.mark.parametrize(
    "kinds", [("audio",), ("video", "audio"), ("video", "video"), ("video",) * 8, ("video", *["audio recvonly"] * 2)]
)
def test_any_other_offer_is_refused(kinds):
    with pytest.raises(ValueError, match="one line of video"):
        check_offer(asyncio.run(offer(*kinds)))


def test_sound_that_is_sent_after_all_is_refused():
    """The last direction of a line is the one that counts."""
    sdp = asyncio.run(offer("video recvonly", "audio recvonly"))
    head, audio = sdp.split("m=audio")
    with pytest.raises(ValueError, match="one line of video"):
        check_offer(f"{head}m=audio{audio}a=sendrecv\r\n")


def test_an_offer_with_thousands_of_candidates_is_refused():
    sdp = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n" + "a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n" * 33
    with pytest.raises(ValueError, match="32 candidates"):
        check_offer(sdp)
    with pytest.raises(ValueError, match="no text"):
        check_offer(sdp * 1000)


@given(st.one_of(st.none(), st.integers(), st.text(), st.binary(), st.lists(st.text())))
def test_junk_for_an_offer_raises_nothing_but_a_sentence(junk):
    with pytest.raises(ValueError, match=r"The offer .*\."):
        check_offer(junk)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)
)


@given(JSON)
def test_junk_for_candidates_is_left_out(junk):
    assert all(isinstance(kept["candidate"], str) for kept in few_candidates(junk, (), 32).values())


def test_of_thousands_of_candidates_the_first_are_kept():
    sent = {str(i): {"candidate": "candidate:1 1 udp 1 10.0.0.1 9 typ host"} for i in range(6_000)}
    assert list(few_candidates(sent, (), 32)) == [str(i) for i in range(32)]
    assert list(few_candidates(sent, {"0", "2"}, 3)) == ["1", "3", "4"]
    assert few_candidates({"1": {"candidate": "x" * 501}}, (), 32) == {}


@pytest.mark.parametrize("size", [(640, 480), (1920, 1080), (1080, 1920), (1920, 1200)])
def test_pictures_of_a_camera_are_decoded(size):
    gate = PictureGate(RATE)
    assert gate.admit(key_frame(*size), 0.0)
    assert all(gate.admit(INTER, count / 60) for count in range(600))


@pytest.mark.parametrize("size", [(4096, 4096), (8192, 8192), (16383, 200), (3840, 2160)])
def test_one_that_is_too_large_is_not_nor_what_needs_it(size):
    gate = PictureGate(RATE)
    assert gate.admit(key_frame(640, 480), 0.0)
    assert not gate.admit(key_frame(*size), 0.1)
    assert not gate.admit(INTER, 0.2)
    assert gate.admit(key_frame(640, 480), 0.3)
    assert gate.admit(INTER, 0.4)


def test_of_a_thousand_pictures_a_second_few_are_decoded():
    gate = PictureGate(RATE)
    taken = sum(gate.admit(key_frame(64, 64), count / 1000) for count in range(10_000))
    assert taken <= 11 * RATE


@given(st.binary(max_size=64))
def test_junk_is_decided_upon(junk):
    assert PictureGate(RATE).admit(junk, 0.0) in (True, False)


def test_the_decoder_never_sees_a_picture_that_is_too_large(monkeypatch):
    seen = []
    monkeypatch.setattr(decoder.vpx.Vp8Decoder, "decode", lambda self, frame: seen.append(frame.data) or [])
    live = decoder.LiveDecoder()
    for data in (key_frame(640, 480), key_frame(8192, 8192), INTER, key_frame(320, 240)):
        assert live.decode(decoder.PictureBatch([(0, data)], 0.0)) == []
    assert seen == [key_frame(640, 480), key_frame(320, 240)]


def test_numbers_that_jump_are_not_taken_for_thousands_of_lost_packets():
    nacks = NackRequester()
    for count in range(200):
        nacks.add(count * 20_000, count / 200)
        assert nacks.due(count / 200) == []


class Context:
    """As much of a streamer's context as the step meets."""

    def __init__(self, is_new=False):
        self.is_new, self.worker = is_new, None

    def _get_worker(self):
        return self.worker


@pytest.fixture
def lifecycle(monkeypatch):
    """The step around streamlit-webrtc's function; `lifecycle.offers` is what came through to it."""
    offers = []
    stock = SimpleNamespace(
        _handle_worker_lifecycle=lambda context, key, offer, make_worker: offers.append(offer),
        compile_state=component.compile_state,
        _restore_snapshot_if_needed=lambda context, value: value,
    )
    worker = type(
        "Worker",
        (),
        {"set_ice_candidates_from_offerer": lambda self, found: self._added_ice_candidate_ids.update(found)},
    )
    monkeypatch.setattr(connection, "component", stock)
    monkeypatch.setattr(connection, "WebRtcWorker", worker)
    connection.patch_offers()
    return SimpleNamespace(stock=stock, run=stock._handle_worker_lifecycle, offers=offers, worker=worker())


@pytest.mark.parametrize("junk", [[], [1], "playing", 7, True, None])
def test_a_state_that_is_no_table_is_that_of_a_streamer_at_rest(lifecycle, junk):
    assert lifecycle.stock.compile_state(junk) == WebRtcStreamerState(playing=False, signalling=False)
    assert lifecycle.stock._restore_snapshot_if_needed(None, junk) is None


def test_a_state_that_is_one_is_taken(lifecycle):
    state = {"playing": True, "sdpOffer": {}}
    assert lifecycle.stock.compile_state(state) == WebRtcStreamerState(playing=True, signalling=False)
    assert lifecycle.stock._restore_snapshot_if_needed(None, state) is state


def test_a_good_offer_comes_through_and_a_bad_one_does_not(lifecycle):
    good = {"sdp": asyncio.run(offer("video")), "type": "offer"}
    bad = {"sdp": asyncio.run(offer("video", "video")), "type": "offer"}
    for each in (good, bad, {"sdp": 1}, "text", None):
        lifecycle.run(Context(), "live", each, make_worker=None)
    assert lifecycle.offers == [good, None, None, None, None]


def test_an_offer_in_the_first_run_waits_for_a_place(lifecycle):
    good = {"sdp": asyncio.run(offer("video")), "type": "offer"}
    lifecycle.run(Context(is_new=True), "live", good, make_worker=None)
    assert lifecycle.offers == [None]


def test_the_worker_gets_few_candidates(lifecycle):
    sent = {str(i): {"candidate": "candidate:1 1 udp 1 10.0.0.1 9 typ host"} for i in range(100)}
    lifecycle.worker._added_ice_candidate_ids = set()
    lifecycle.worker.set_ice_candidates_from_offerer(sent)
    assert len(lifecycle.worker._added_ice_candidate_ids) == Settings().max_candidates
    lifecycle.worker.set_ice_candidates_from_offerer({f"more {i}": sent[str(i)] for i in range(100)})
    assert (
        len(lifecycle.worker._added_ice_candidate_ids) == Settings().max_candidates
    )  # in all, however often they come
