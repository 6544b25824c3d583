"""What the browser is told: how fine a picture is of use, and to show ours at once."""

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import (
    HeaderExtensions,
    HeaderExtensionsMap,
    RtcpPsfbPacket,
    unpack_header_extensions,
    unpack_remb_fci,
)

from colorfilter.webrtc import feedback, full_rate, open_vp8
from tests.support.moving import Clock, noisy_frames


def test_the_browser_is_told_to_send_no_finer_than_it_gets_back(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(feedback, "time", clock)
    codec = open_vp8(1280, 720, 2_000_000)
    (frame,) = noisy_frames(1, 1280, 720)
    key_frame = b"".join(bytes(part) for part in codec.encode(frame))
    reports, limits = feedback.ReceiverFeedback(), []
    for number in range(100):
        clock.now += 0.04
        for report in reports.on_arrival(number, 7, 8):
            if isinstance(report, RtcpPsfbPacket):
                limits.append((number, *unpack_remb_fci(report.fci)))
        reports.on_data(key_frame[:1000] if number == 9 else b"\x01" * 1000)
    full = full_rate(1280, 720)
    assert [number for number, _, _ in limits] == [10, 35, 60, 85]
    assert {tuple(ssrcs) for _, _, ssrcs in limits} == {(7,)}
    assert all(rate == pytest.approx(full, rel=0.001) for _, rate, _ in limits)


def test_each_packet_asks_the_browser_to_show_its_picture_at_once():
    names = {3: "urn:ietf:params:rtp-hdrext:sdes:mid", 7: feedback.PlayoutDelayExtension.URI}
    extensions = [RTCRtpHeaderExtensionParameters(id=number, uri=uri) for number, uri in names.items()]
    header = feedback.PlayoutDelayExtension()
    header.configure(RTCRtpParameters(headerExtensions=extensions))
    profile, elements = header.set(HeaderExtensions(mid="0"))
    assert unpack_header_extensions(profile, elements) == [(3, b"0"), (7, bytes(3))]
    assert len(elements) % 4 == 0


def test_who_did_not_offer_that_is_not_asked():
    header = feedback.PlayoutDelayExtension()
    header.configure(RTCRtpParameters())
    assert header.set(HeaderExtensions(mid="0")) == HeaderExtensionsMap().set(HeaderExtensions(mid="0"))
