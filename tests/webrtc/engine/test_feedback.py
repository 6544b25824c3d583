"""What the browser is told: how fine a picture is of use."""

import pytest
from aiortc.rtp import (
    RtcpPsfbPacket,
    unpack_remb_fci,
)

from colorfilter.webrtc import full_rate, open_vp8
from colorfilter.webrtc.engine import feedback
from tests.support.moving import Clock, noisy_frames


@pytest.mark.parametrize(("parity_share", "factor"), [(0.0, 1.0), (0.2, 1.25), (0.9, 2.0)])
def test_the_browser_is_told_to_send_no_finer_than_it_gets_back_beside_parity(monkeypatch, parity_share, factor):
    clock = Clock()
    monkeypatch.setattr(feedback, "time", clock)
    codec = open_vp8(1280, 720, 2_000_000)
    (frame,) = noisy_frames(1, 1280, 720)
    key_frame = b"".join(bytes(part) for part in codec.encode(frame))
    reports, limits = feedback.ReceiverFeedback(), []
    for number in range(100):
        clock.now += 0.04
        for report in reports.on_arrival(number, 7, 8, parity_share):
            if isinstance(report, RtcpPsfbPacket):
                limits.append((number, *unpack_remb_fci(report.fci)))
        reports.on_data(key_frame[:1000] if number == 9 else b"\x01" * 1000)
    full = full_rate(1280, 720)
    assert [number for number, _, _ in limits] == [10, 35, 60, 85]
    assert {tuple(ssrcs) for _, _, ssrcs in limits} == {(7,)}
    assert all(rate == pytest.approx(factor * full, rel=0.001) for _, rate, _ in limits)
