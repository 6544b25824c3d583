"""What the first bytes of an encoded VP8 picture tell."""

from struct import unpack


def is_key_frame(picture: bytes) -> bool:
    """Whether an encoded VP8 picture needs none before it (RFC 6386, section 9.1)."""
    return bool(picture) and not picture[0] & 1


def key_frame_size(picture: bytes) -> tuple[int, int] | None:
    """Width and height in pixels if this is the beginning of a key frame (the same section), else None."""
    if not is_key_frame(picture) or len(picture) < 10 or picture[3:6] != b"\x9d\x01\x2a":
        return None
    width, height = unpack("<HH", picture[6:10])
    return width & 0x3FFF, height & 0x3FFF
