"""TIFF's greys of more than 8 bits; its pages are in test_decode."""

import struct

import numpy as np
import pytest

from colorfilter.stills.decode import PictureError, read_picture
from tests.support.pictures import blocks, saved

BITS_PER_SAMPLE, PHOTOMETRIC = 258, 262  # TIFF 6.0
LEVELS_16 = np.array([[0, 128, 129, 257, 32768, 65406, 65407, 65535]], np.uint16)
LEVELS_12 = np.array([[0, 8, 9, 16, 2048, 4086, 4087, 4095]], np.uint16)


def with_field(data, tag, old, new):
    """The TIFF with another value in one of its fields of one short number."""
    assert data.count(struct.pack("<HHII", tag, 3, 1, old)) == 1
    return data.replace(struct.pack("<HHII", tag, 3, 1, old), struct.pack("<HHII", tag, 3, 1, new))


def of_12_bits():
    """LEVELS_12 in a TIFF, two in three bytes, the first bit of each first."""
    wide = saved(LEVELS_12, "TIFF")
    packed = b"".join((int(a) << 12 | int(b)).to_bytes(3, "big") for a, b in LEVELS_12.reshape(-1, 2))
    stored = LEVELS_12.astype("<u2").tobytes()
    assert wide.count(stored) == 1
    return with_field(wide.replace(stored, packed.ljust(len(stored), b"\0")), BITS_PER_SAMPLE, 16, 12)


def test_grey_of_16_bits_is_rounded():
    assert read_picture(saved(LEVELS_16, "TIFF"))[0, :, 0].tolist() == [0, 0, 1, 1, 128, 254, 255, 255]


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate"])
def test_grey_of_16_bits_in_which_0_is_white(compression):
    data = with_field(saved(LEVELS_16, "TIFF", compression=compression), PHOTOMETRIC, 1, 0)
    assert read_picture(data)[0, :, 0].tolist() == [255, 255, 254, 254, 127, 1, 0, 0]


def test_grey_of_12_bits_is_as_light_as_of_16():
    """255 of 4095 are 1 of 16.06."""
    assert read_picture(of_12_bits())[0, :, 0].tolist() == [0, 0, 1, 1, 128, 254, 255, 255]


def test_a_kind_that_cannot_be_read_is_named_in_bigtiff_too():
    for signature in (b"II*\0\x08\0\0\0\0\0", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0"):
        with pytest.raises(PictureError, match="TIFF"):
            read_picture(signature.ljust(64, b"\0"))


@pytest.mark.parametrize(("big", "field"), [(False, "<HHII"), (True, "<HHQQ")])
def test_words_beyond_the_end_cost_nothing_in_bigtiff_either(big, field):
    description, ascii_ = 270, 2
    data = saved(blocks(), "TIFF", description="x" * 100, big_tiff=big)
    start = data.index(struct.pack(field[:-1], description, ascii_, 101))
    lost = struct.pack(field, description, ascii_, 101, len(data))
    assert np.array_equal(read_picture(data[:start] + lost + data[start + len(lost) :]), blocks())
