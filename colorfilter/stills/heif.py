"""HEIC and AVIF, the pictures of HEIF (ISO/IEC 23008-12): known by their first box, and not read."""

from __future__ import annotations

AVIF_BRANDS = {b"avif", b"avis"}
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
ANY_BRANDS = {b"mif1", b"msf1"}  # a picture and a sequence of any codec; the brands that follow name it
HEIF_SUFFIXES = {".heic", ".heif", ".avif"}
MAX_BOX_BYTES = 256
REFUSALS = {
    "HEIC": "This is a HEIC picture, which cannot be read. Save it as JPEG, or have the phone take JPEG: "
    "on an iPhone under Settings, Camera, Formats, Most Compatible.",
    "AVIF": "This is an AVIF picture, which cannot be read. Save it as JPEG or PNG.",
}


def heif_kind(head: bytes) -> str | None:
    """HEIC or AVIF by the first bytes of a file, None for any other: a clip in MP4 begins with such a box too."""
    if head[4:8] != b"ftyp":  # ISO/IEC 14496-12, section 4.3: size, kind, major brand, version, compatible brands
        return None
    end = min(int.from_bytes(head[:4], "big"), MAX_BOX_BYTES)
    major = head[8:12]
    if major in ANY_BRANDS:
        compatible = {head[place : place + 4] for place in range(16, end, 4)}
        return "AVIF" if compatible & AVIF_BRANDS else "HEIC"
    return "AVIF" if major in AVIF_BRANDS else "HEIC" if major in HEIC_BRANDS else None
