"""How soon the browser is asked to show a picture: at once, but for a network that loses many packets."""

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, unpack_header_extensions

from colorfilter.webrtc.congestion_control import PacketResult
from colorfilter.webrtc.engine.playout_delay import PlayoutDelay, PlayoutDelayExtension

RTT = 0.08


def told(each_second, seconds=10, limited=False, probe=None):
    """The delay after so many losses each second among a hundred packets."""
    delay = PlayoutDelay()
    add(delay, 0, each_second, seconds, limited, probe)
    return delay


def add(delay, start, each_second, seconds, limited=False, probe=None):
    for i in range(seconds):
        results = [PacketResult(1000, i, None if n < each_second else i + 0.04, probe) for n in range(100)]
        delay.add(results, RTT, limited, start + i)


def test_many_losses_ask_for_the_time_that_a_packet_takes_to_come_again():
    assert told(0).seconds == 0
    assert told(2).seconds == 0
    assert told(5).seconds == pytest.approx(1.5 * RTT + 0.06)


def test_losses_of_a_limit_or_of_a_probe_ask_for_nothing():
    assert told(5, limited=True).seconds == 0
    assert told(5, probe=1).seconds == 0


def test_it_stays_until_the_losses_are_few():
    delay = told(5)
    add(delay, 10, 2, 10)
    assert delay.seconds > 0
    add(delay, 20, 0, 5)
    assert delay.seconds == 0


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
    header.playout_delay = told(5)  # 180 ms
    elements = unpack_header_extensions(*header.set(HeaderExtensions(mid="0")))
    assert elements == [(3, b"0"), (7, (18 << 12 | 0xFFF).to_bytes(3, "big"))]


def test_who_did_not_offer_that_is_not_asked():
    header = PlayoutDelayExtension()
    header.configure(RTCRtpParameters())
    assert header.set(HeaderExtensions(mid="0")) == HeaderExtensionsMap().set(HeaderExtensions(mid="0"))
