import struct

import numpy as np
import pytest

from colorfilter.clips.source import suffix_of
from colorfilter.stills.decode import PictureError, read_picture
from colorfilter.stills.heif import heif_kind
from tests.support.pictures import HEIC, saved


def first_box(major, *compatible):
    """A file type box (ISO/IEC 14496-12, section 4.3), and what follows in a file."""
    return (
        struct.pack(">I4s4sI", 16 + 4 * len(compatible), b"ftyp", major, 0) + b"".join(compatible) + b"\0\0\0\x0cmeta"
    )


KINDS = [
    (HEIC, "HEIC"),
    *((first_box(brand, b"mif1"), "HEIC") for brand in (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis")),
    (first_box(b"mif1", b"heic", b"miaf"), "HEIC"),
    (first_box(b"msf1", b"hevc"), "HEIC"),
    (first_box(b"mif1"), "HEIC"),
    (first_box(b"avif", b"mif1", b"miaf"), "AVIF"),
    (first_box(b"avis", b"msf1"), "AVIF"),
    (first_box(b"mif1", b"avif", b"miaf"), "AVIF"),
    (saved(np.zeros((9, 9, 3), np.uint8), "AVIF"), "AVIF"),
]


@pytest.mark.parametrize(("data", "kind"), KINDS)
def test_the_refusal_names_the_kind_and_says_what_to_do(data, kind):
    assert heif_kind(data) == kind
    with pytest.raises(
        PictureError, match=f"This is an? {kind} picture, which cannot be read. Save it as JPEG"
    ) as raised:
        read_picture(data)
    assert "Most Compatible" in str(raised.value) or kind == "AVIF"
    assert suffix_of(data) is None


@pytest.mark.parametrize(
    "data", [first_box(b"isom", b"mp41"), first_box(b"qt  "), first_box(b"mp42", b"heic"), b"", b"ftyp"]
)
def test_clips_and_other_files_are_none_of_them(data):
    assert heif_kind(data) is None


def test_brands_beyond_the_box_do_not_count():
    assert heif_kind(first_box(b"mif1", b"heic") + b"avif") == "HEIC"
