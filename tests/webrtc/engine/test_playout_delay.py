"""How soon the browser is asked to show a picture: at once, but for a network that loses many packets."""

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, unpack_header_extensions

from colorfilter.webrtc.engine.playout_delay import PlayoutDelay, PlayoutDelayExtension

RTT, PATIENCE_S = 0.08, 3.0


def after(delay, waits, start, seconds):
    """The delay when pictures have waited for packets, or have not, for so many seconds."""
    for i in range(int(10 * seconds) + 1):
        delay.update(waits, PATIENCE_S, RTT, start + i / 10)
    return delay.seconds


def test_pictures_that_wait_ask_for_the_time_that_a_packet_takes_to_come_again():
    assert after(PlayoutDelay(), False, 0, 10) == 0
    assert after(PlayoutDelay(), True, 0, 10) == pytest.approx(1.5 * RTT + 0.06)


def test_it_is_asked_for_only_if_they_go_on_waiting():
    delay = PlayoutDelay()
    assert after(delay, True, 0, PATIENCE_S - 0.2) == 0
    assert after(delay, False, PATIENCE_S, 1) == 0
    assert after(delay, True, PATIENCE_S + 1, PATIENCE_S - 0.2) == 0


def test_it_ends_as_soon_as_none_waits():
    delay = PlayoutDelay()
    assert after(delay, True, 0, 10) > 0
    assert after(delay, False, 10, 0) == 0


def test_each_packet_asks_the_browser_to_show_its_picture_at_once():
    names = {3: "urn:ietf:params:rtp-hdrext:sdes:mid", 7: PlayoutDelayExtension.URI}
    extensions = [RTCRtpHeaderExtensionParameters(id=number, uri=uri) for number, uri in names.items()]
    header = PlayoutDelayExtension()
    header.configure(RTCRtpParameters(headerExtensions=extensions))
    profile, elements = header.set(HeaderExtensions(mid="0"))
    assert unpack_header_extensions(profile, elements) == [(3, b"0"), (7, bytes(3))]
    assert len(elements) % 4 == 0


def test_it_asks_for_the_delay_in_hundredths_of_a_second():
    """The least in the upper twelve bits, the most in the lower."""
    header = PlayoutDelayExtension()
    names = {3: "urn:ietf:params:rtp-hdrext:sdes:mid", 7: PlayoutDelayExtension.URI}
    extensions = [RTCRtpHeaderExtensionParameters(id=number, uri=uri) for number, uri in names.items()]
    header.configure(RTCRtpParameters(headerExtensions=extensions))
    header.playout_delay = PlayoutDelay()
    after(header.playout_delay, True, 0, 10)  # 180 ms
    elements = unpack_header_extensions(*header.set(HeaderExtensions(mid="0")))
    assert elements == [(3, b"0"), (7, (18 << 12 | 0xFFF).to_bytes(3, "big"))]


def test_who_did_not_offer_that_is_not_asked():
    header = PlayoutDelayExtension()
    header.configure(RTCRtpParameters())
    assert header.set(HeaderExtensions(mid="0")) == HeaderExtensionsMap().set(HeaderExtensions(mid="0"))
