"""What a hostile browser offers is left out, and what a real one offers is not."""

import asyncio

import pytest
from aiortc import RTCPeerConnection
from hypothesis import given
from hypothesis import strategies as st

from colorfilter.webrtc import offers
from colorfilter.webrtc.offers import few_candidates


def check_offer(sdp):
    offers.check_offer(sdp, 32)


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
