"""Lost packets, computed from the parity that a browser sends with its video: ULPFEC (RFC 5109) within RED (RFC 2198).

A browser that may do so sends parity once it hears of losses. What is computed from it costs no round trip.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Set
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtp import RtpPacket

from colorfilter.webrtc.engine import transport_cc

# Header extensions that today's browsers write when a packet is sent, after the parity was computed.
CHANGING_URIS = {
    transport_cc.URI,
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "urn:ietf:params:rtp-hdrext:toffset",
}
RED, ULPFEC = "video/red", "video/ulpfec"
KEPT_PACKETS = 256  # of the video; parity of 48 at most is sent with the last of them
KEPT_PARITY = 32  # packets; a picture at the highest rate has ten
SHARE_WEIGHT = 0.01
RTP_HEADER_BYTES = 12  # without what only some packets have; sequence number and SSRC are not protected
FEC_HEADER_BYTES, SHORT_MASK_BITS, LONG_MASK_BITS = 10, 16, 48
ONE_BYTE_EXTENSIONS = b"\xbe\xde"  # the profile of RFC 8285, section 4.2


@dataclass(frozen=True)
class Parity:
    """The exclusive or of several packets (RFC 5109, section 7.3). Raises ValueError for what cannot be read."""

    numbers: frozenset[int]  # of those packets, unwrapped
    ssrc: bytes  # of them and of the parity
    header: int  # of their P, X, CC, M and payload type, time stamps and lengths, 64 bits
    body: bytes  # of what follows their headers

    @classmethod
    def parse(cls, payload: bytes, number: int, ssrc: bytes) -> Self:
        """`number` (unwrapped) and `ssrc` are those of the packet with this payload."""
        bits = LONG_MASK_BITS if payload[:1] and payload[0] & 0x40 else SHORT_MASK_BITS
        begin = FEC_HEADER_BYTES + 2 + bits // 8
        if len(payload) < begin:
            raise ValueError("parity that is cut short")
        mask = int.from_bytes(payload[FEC_HEADER_BYTES + 2 : begin], "big")
        base = number - (number - int.from_bytes(payload[2:4], "big")) % (1 << 16)
        numbers = frozenset(base + bit for bit in range(bits) if mask >> (bits - 1 - bit) & 1)
        size = int.from_bytes(payload[FEC_HEADER_BYTES : FEC_HEADER_BYTES + 2], "big")
        header = payload[:2] + payload[4:FEC_HEADER_BYTES]
        return cls(numbers, ssrc, int.from_bytes(header, "big"), payload[begin : begin + size])


class UlpfecReceiver:
    """The packets of one stream, as long as parity may still come for them."""

    def __init__(self, payload_type: int, changing: Set[int] = frozenset()) -> None:
        """`payload_type` is that of parity; `changing` are the ids of header extensions that it does not protect."""
        self._payload_type = payload_type
        self._changing = changing
        self.parity_share = 0.0  # of the last packets
        self._packets: dict[int, bytes] = {}
        self._parity: deque[Parity] = deque(maxlen=KEPT_PARITY)

    def open(self, packet: RtpPacket, datagram: bytes, number: int) -> list[RtpPacket]:
        """The packet within one of RED, after those that are restored by it; parity has no payload any more.

        `datagram` is the whole packet, b"" of one that was sent again, whose header is not the one that is protected.
        Raises ValueError.
        """
        payload_at = len(datagram) - packet.padding_size - len(packet.payload)
        packet.payload_type, packet.payload = open_red(packet.payload)
        is_parity = packet.payload_type == self._payload_type
        self.parity_share += SHARE_WEIGHT * (is_parity - self.parity_share)
        restored: list[bytes] = []
        if is_parity:
            with suppress(ValueError):
                restored = self.add_parity(number, packet.payload, packet.ssrc.to_bytes(4, "big"))
            packet.payload = b""
        elif datagram:
            kind = datagram[1] & 0x80 | packet.payload_type
            whole = datagram[:1] + bytes([kind]) + datagram[2:payload_at] + datagram[payload_at + 1 :]
            restored = self.add(number, whole)
        return [*_readable(restored), packet]

    def add(self, number: int, packet: bytes) -> list[bytes]:
        """Take an RTP packet with its number, unwrapped. Return those that are known now though they were lost."""
        self._keep(number, blank_extensions(packet, self._changing))
        return self._recover() if any(number in parity.numbers for parity in self._parity) else []

    def add_parity(self, number: int, payload: bytes, ssrc: bytes) -> list[bytes]:
        """As `add`, for the payload of a packet of parity. Raises ValueError for what cannot be read."""
        self._parity.append(Parity.parse(payload, number, ssrc))
        return self._recover()

    def _keep(self, number: int, packet: bytes) -> None:
        self._packets.pop(number, None)
        self._packets[number] = packet
        if len(self._packets) > KEPT_PACKETS:
            del self._packets[next(iter(self._packets))]

    def _recover(self) -> list[bytes]:
        recovered = []
        waiting = deque(self._parity)
        while waiting:
            parity = waiting.popleft()
            missing = [number for number in parity.numbers if number not in self._packets]
            if len(missing) > 1:
                continue
            self._parity.remove(parity)
            if missing and (packet := self._restore(parity, missing[0])):
                self._keep(missing[0], packet)
                recovered.append(packet)
                waiting = deque(self._parity)
        return recovered

    def _restore(self, parity: Parity, number: int) -> bytes | None:
        """The one packet that is missing of those in the parity; None if the parity is not theirs."""
        header, body, size = parity.header, int.from_bytes(parity.body, "big"), len(parity.body)
        for other in parity.numbers - {number}:
            packet = self._packets[other]
            rest = packet[RTP_HEADER_BYTES:]
            if packet[8:RTP_HEADER_BYTES] != parity.ssrc:
                return None
            header ^= int.from_bytes(packet[:2] + packet[4:8] + len(rest).to_bytes(2, "big"), "big")
            body ^= int.from_bytes(rest[:size].ljust(size, b"\0"), "big")
        fields, length = header.to_bytes(8, "big"), header & 0xFFFF
        if length > size:
            return None
        first = bytes([0x80 | fields[0] & 0x3F, fields[1]]) + (number % (1 << 16)).to_bytes(2, "big") + fields[2:6]
        return first + parity.ssrc + body.to_bytes(size, "big")[:length]


def _readable(packets: Iterable[bytes]) -> Iterator[RtpPacket]:
    for packet in packets:
        with suppress(ValueError):
            yield RtpPacket.parse(packet)


def open_red(payload: bytes) -> tuple[int, bytes]:
    """The payload type and the payload within RED (RFC 2198). Raises ValueError if there is not just one."""
    if not payload or payload[0] & 0x80:
        raise ValueError("RED of no or several blocks")
    return payload[0], payload[1:]


def blank_extensions(packet: bytes, ids: Set[int]) -> bytes:
    """The RTP packet with zeros in the header extensions of those ids (RFC 8285, one-byte headers)."""
    at = RTP_HEADER_BYTES + 4 * (packet[0] & 0x0F)
    if not packet[0] & 0x10 or packet[at : at + 2] != ONE_BYTE_EXTENSIONS:
        return packet
    blank = bytearray(packet)
    end = min(len(packet), at + 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big"))
    at += 4
    while at < end:
        number, size = packet[at] >> 4, (packet[at] & 0x0F) + 1
        if number == 0:  # padding
            at += 1
            continue
        after = min(end, at + 1 + size)
        if number in ids:
            blank[at + 1 : after] = bytes(after - at - 1)
        at = after
    return bytes(blank)


def fec_parameters(parameters: RTCRtpReceiveParameters) -> tuple[int, set[int]]:
    """What an `UlpfecReceiver` is to know of what was agreed. Payload type 0, which no video has: no parity."""
    kinds = {codec.mimeType: codec.payloadType or 0 for codec in parameters.codecs}
    changing = {extension.id for extension in parameters.headerExtensions if extension.uri in CHANGING_URIS}
    return kinds.get(ULPFEC, 0), changing


def parity_codecs(offered: list[RTCRtpCodecParameters]) -> list[RTCRtpCodecParameters]:
    """Of what a browser offers, what it needs to send parity: RED, what it sends again of that, and ULPFEC.

    Without any of them it is to send none: in RED nothing that is lost could come again.
    """
    red = [codec for codec in offered if codec.mimeType == RED]
    types = {codec.payloadType for codec in red}
    again = [codec for codec in offered if is_rtx(codec) and codec.parameters.get("apt") in types]
    ulpfec = [codec for codec in offered if codec.mimeType == ULPFEC]
    return [*red, *ulpfec, *again] if red and ulpfec and again else []
