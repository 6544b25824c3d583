"""The chunks of a PNG (ISO/IEC 15948): which of them its pixels need, and what stands beside these."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER, DATA, TRANSPARENCY, PROFILE, EXIF, END = b"IHDR", b"IDAT", b"tRNS", b"iCCP", b"eXIf", b"IEND"
ANCILLARY = 0x20  # the bit in the first letter of the kind of a chunk that a decoder may leave out (section 5.4)
END_CHUNK = struct.pack(">I4sI", 0, END, zlib.crc32(END))
# Samples a pixel by the color type (section 11.2.2), for all that has no palette.
CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}
# The passes of an interlaced picture: first column and line, and the steps to the next ones (section 8.2).
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
MAX_PROFILE_BYTES = 8_000_000
INFLATE_STEP = 1_000_000


class Chunk(NamedTuple):
    """A chunk of that four-letter kind, which lies from `start` to `end`; its body is 12 bytes shorter."""

    kind: bytes
    start: int
    end: int

    def body(self, png: bytes) -> bytes:
        """What is in it."""
        return png[self.start + 8 : self.end - 4]

    def is_right(self, png: bytes) -> bool:
        """Whether its checksum is."""
        checksum = zlib.crc32(memoryview(png)[self.start + 4 : self.end - 4])
        return checksum == int.from_bytes(png[self.end - 4 : self.end], "big")


def chunks(png: bytes) -> Iterator[Chunk]:
    """The chunks in order, up to and with IEND or as far as the data goes; the last one may end after the data."""
    position, kind = len(SIGNATURE), b""
    while position + 12 <= len(png) and kind != END:
        length, kind = struct.unpack_from(">I4s", png, position)
        yield Chunk(kind, position, position + 12 + length)
        position += 12 + length


def chunk_kinds(png: bytes) -> list[bytes]:
    """The kinds of the chunks that are there to their end."""
    return [chunk.kind for chunk in chunks(png) if chunk.end <= len(png)]


def split(png: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """The PNG with only the chunks that its pixels need, and the bodies of its profile and EXIF by their kind.

    All other chunks are left out, text and animation among them; and so is each one beside the pixels whose checksum
    is wrong, as libpng does. Raises ValueError if the checksum of one that the pixels need is wrong, and if the first
    is not the header.
    """
    if png[12:16] != HEADER:
        raise ValueError("The first chunk is not the header.")
    parts, side = [png[: len(SIGNATURE)]], dict[bytes, bytes]()
    for chunk in chunks(png):
        whole = chunk.end <= len(png)
        is_right = whole and chunk.is_right(png)
        if chunk.kind == END:
            parts.append(END_CHUNK)
        elif not chunk.kind[0] & ANCILLARY:
            if whole and not is_right:
                raise ValueError(f"The chunk {chunk.kind!r} has a wrong checksum.")
            parts.append(png[chunk.start : chunk.end])  # if it is cut short, the decoder will say so
        elif chunk.kind == TRANSPARENCY and is_right:
            parts.append(png[chunk.start : chunk.end])
        elif chunk.kind in (PROFILE, EXIF) and is_right:
            side.setdefault(chunk.kind, chunk.body(png))
    return b"".join(parts), side


def unpack_profile(body: bytes | None) -> bytes | None:
    """The ICC profile in the body of an iCCP chunk; None where there is none that can be unpacked."""
    if not body:
        return None
    inflate = zlib.decompressobj()
    try:
        unpacked = inflate.decompress(body[body.index(b"\0") + 2 :], MAX_PROFILE_BYTES)
    except (ValueError, zlib.error):
        return None
    return unpacked if inflate.eof else None


def unpacks_to(png: bytes, size: int) -> bool:
    """Whether the PNG's data has that many bytes unpacked. It is unpacked no further. Raises zlib.error."""
    inflate, unpacked = zlib.decompressobj(), 0
    for chunk in chunks(png):
        left = chunk.body(png) if chunk.kind == DATA else b""
        while left and not inflate.eof and unpacked < size:
            unpacked += len(inflate.decompress(left, INFLATE_STEP))
            left = inflate.unconsumed_tail
        if inflate.eof or unpacked >= size:
            break
    return unpacked >= size


def interlaced_size(png: bytes) -> int:
    """The bytes of all lines of an interlaced PNG without a palette, each with its filter's number (section 7.3)."""
    width, height, depth, color_type = struct.unpack_from(">IIBB", png, 16)
    bits, size = depth * CHANNELS[color_type], 0
    for x, y, across, down in PASSES:
        columns, lines = -(-(width - x) // across), -(-(height - y) // down)
        if columns > 0 and lines > 0:
            size += lines * (1 + -(-columns * bits // 8))
    return size
