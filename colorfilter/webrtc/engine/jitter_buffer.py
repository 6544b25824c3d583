"""Puts a browser's pictures together from packets that come late, twice, in any order, or never."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from colorfilter.webrtc.encoding.vp8 import is_key_frame

CAPACITY = 1024  # packets; two seconds of the most that a browser sends
MAX_SKIPPED_PACKETS = 64  # that are part of no picture, between two of them
PICTURE_IDS = 1 << 15
MAX_PICTURE_PACKETS = 300  # of a key frame of which the beginning is looked for; one of 1080p has 130


@dataclass(frozen=True)
class Packet:
    """An RTP packet of a VP8 stream (RFC 7741). Without data it is padding or parity, which is part of no picture."""

    number: int  # unwrapped
    timestamp: int  # of 32 bits
    data: bytes
    begins_picture: bool
    ends_picture: bool
    picture_id: int | None = None  # of 15 bits; each picture's is one above that of the picture before

    @property
    def begins_key_frame(self) -> bool:
        return self.begins_picture and is_key_frame(self.data)


@dataclass(frozen=True)
class EncodedPicture:
    """A whole picture, and the number of the packet after it."""

    timestamp: int
    data: bytes
    end: int


class JitterBuffer:
    """Hands on whole pictures in their order, each with its last packet.

    It begins with a key frame. A key frame that is whole needs nothing before it: what is missing there is left. So is
    what is missing between two pictures whose ids follow each other.
    """

    def __init__(self) -> None:
        self._packets: dict[int, Packet] = {}
        self.next: int | None = None  # the first packet that is not handed on; None while only a key frame helps
        self._last_id: int | None = None  # of the picture that was handed on last
        self._floor = 0  # below it nothing is of use

    def add(self, packet: Packet) -> list[EncodedPicture]:
        """Take a packet, and return the pictures that are whole with it."""
        if not -CAPACITY < packet.number - min(self._packets, default=self._floor) < CAPACITY:
            self._restart_at(packet.number)
        if packet.number < self._floor or packet.number in self._packets:
            return []
        self._packets[packet.number] = packet
        if self.next is None:
            self._begin_at(packet, whole=False)
        pictures = list(self._take_whole())
        if not pictures and self.next is not None and packet.number > self.next:
            self._begin_at(packet, whole=True)
            pictures = list(self._take_whole())
        return pictures

    def await_key_frame(self) -> None:
        """Hand on nothing more before a key frame that begins after what is handed on."""
        self.next = None
        for number in sorted(self._packets):
            if self.next is None and number > self._floor:
                self._begin_at(self._packets[number], whole=True)

    def _restart_at(self, number: int) -> None:
        """Forget everything: these are the numbers of another stream, or nobody waits any more for what is missing."""
        self._packets.clear()
        self.next, self._floor = None, number

    def _begin_at(self, packet: Packet, whole: bool) -> None:
        """Go on with the key frame of that packet, if it is part of one whose beginning, or all of it, has come."""
        first = packet
        while (before := self._packets.get(first.number - 1)) is not None and before.timestamp == packet.timestamp:
            first = before
            if packet.number - first.number > MAX_PICTURE_PACKETS:
                return
        if first.begins_key_frame and (not whole or self._picture_at(first.number)):
            self.next = self._floor = first.number
            self._drop_old()

    def _take_whole(self) -> Iterator[EncodedPicture]:
        while self.next is not None:
            first = self._packets.get(self.next)
            if first is not None and not first.data:
                end, picture = self.next + 1, None
            elif (picture := self._picture_at(self.next)) is not None:
                end = picture.end
                self._last_id = self._packets[self.next].picture_id
            elif (begin := self._next_picture()) is not None:
                end = begin
            else:
                return
            for number in range(self.next, end):
                self._packets.pop(number, None)
            self.next = self._floor = end
            if picture is not None:
                yield picture

    def _next_picture(self) -> int | None:
        """Where the picture after the last begins, if all that is missing before it is part of none."""
        if self.next is None or self.next in self._packets or self._last_id is None:
            return None
        after = (packet for n in range(MAX_SKIPPED_PACKETS) if (packet := self._packets.get(self.next + n)))
        first = next((packet for packet in after if packet.data), None)
        if first is None or not first.begins_picture or first.picture_id != (self._last_id + 1) % PICTURE_IDS:
            return None
        return first.number

    def _picture_at(self, number: int) -> EncodedPicture | None:
        """The picture that begins there, None as long as a part of it is missing."""
        first, data = self._packets.get(number), []
        while first is not None and (packet := self._packets.get(number)) is not None:
            if packet.timestamp != first.timestamp:  # a peer that sets no markers
                break
            data.append(packet.data)
            number += 1
            if packet.ends_picture:
                break
        else:
            return None
        return EncodedPicture(first.timestamp, b"".join(data), number) if first is not None else None

    def _drop_old(self) -> None:
        self._packets = {number: packet for number, packet in self._packets.items() if number >= self._floor}
