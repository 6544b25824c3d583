"""The transport: RTCP is split into its packets, and header extensions of a wrong length are refused."""

import pytest
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters

from colorfilter.webrtc.engine import transport_cc
from colorfilter.webrtc.engine.transport import ReadableExtensions, split_compound

REPORT = b"\x80\xc9\x00\x01" + bytes(4)  # RFC 3550, section 6.4.2: the length in words, less one
FEEDBACK = b"\x8f\xcd\x00\x02" + bytes(8)


@pytest.mark.parametrize(
    ("data", "packets"),
    [
        (b"", []),
        (REPORT, [REPORT]),
        (REPORT + FEEDBACK + REPORT, [REPORT, FEEDBACK, REPORT]),
        (REPORT + FEEDBACK[:-1], [REPORT, FEEDBACK[:-1]]),
        (REPORT + b"\x80", [REPORT, b"\x80"]),
    ],
)
def test_a_compound_is_split_into_its_packets(data, packets):
    assert list(split_compound(data)) == packets


def test_an_extension_of_a_wrong_length_is_a_value_error():
    extensions = ReadableExtensions()
    extensions.configure(RTCRtpParameters(headerExtensions=[RTCRtpHeaderExtensionParameters(4, transport_cc.URI)]))
    assert extensions.get(0xBEDE, b"\x41\x01\x02\x00").transport_sequence_number == 0x0102
    with pytest.raises(ValueError, match="requires a buffer of 2 bytes"):
        extensions.get(0xBEDE, b"\x40\x01\x00\x00")
