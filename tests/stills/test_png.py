import itertools
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from colorfilter.stills import png as module
from colorfilter.stills.decode import PictureError, read_picture
from colorfilter.stills.png import write_png
from colorfilter.stills.png_chunks import MAX_PROFILE_BYTES, chunk_kinds, interlaced_size, unpacks_to
from tests.support.pictures import SAMPLES, chunk, orientation_exif, photo, png, png_header

DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
KINDS = [
    (color_type, depth, interlace, keyed)
    for color_type, depths in DEPTHS.items()
    for depth, interlace, keyed in itertools.product(depths, (0, 1), (False, True))
    if not (keyed and color_type in (4, 6))
]
pictures = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(1, 20), st.integers(1, 20))
    | st.tuples(st.integers(1, 20), st.integers(1, 20), st.sampled_from([3, 4])),
)


@given(pictures)
def test_what_is_written_is_read_again(image):
    again = read_picture(write_png(image))
    want = image if image.ndim == 3 else image[:, :, np.newaxis].repeat(3, axis=2)
    assert again.dtype == np.uint8
    assert np.array_equal(again, want)
    assert again.flags.writeable
    assert again.flags.c_contiguous


def _random(color_type, depth, keyed):
    """A PNG's samples, extra chunks and what they mean in 8-bit RGB or RGBA, by the standard."""
    rng = np.random.default_rng(depth)
    samples = rng.integers(0, 1 << depth, (13, 11, SAMPLES[color_type]))
    if color_type == 3:
        palette = rng.integers(0, 256, (1 << depth, 4))
        extra = [
            (b"PLTE", palette[:, :3].astype(np.uint8).tobytes()),
            (b"tRNS", palette[:, 3].astype(np.uint8).tobytes()),
        ]
        return samples, extra[: 1 + keyed], palette[samples[:, :, 0]][:, :, : 3 + keyed]
    levels = np.floor(samples * 255 / ((1 << depth) - 1) + 0.5)
    color = levels[:, :, :3] if color_type in (2, 6) else levels[:, :, :1].repeat(3, axis=2)
    if color_type in (4, 6):
        return samples, [], np.dstack([color, levels[:, :, -1]])
    if not keyed:
        return samples, [], color
    key = samples[3, 4]
    alpha = np.where((samples == key).all(axis=2), 0, 255)
    return samples, [(b"tRNS", struct.pack(f">{len(key)}H", *key))], np.dstack([color, alpha])


TEXT = (b"tEXt", b"Comment\0" + b"x" * 2_000_000)
LONG_TEXT = (b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 2_000_000))
# Chunks beside the pixels: text above Pillow's own limit, packed and not, an orientation, and no chunk at all.
BESIDE = {"nothing": [], "text": [TEXT], "packed text": [LONG_TEXT], "upright": [(b"eXIf", orientation_exif(1))]}


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize(("color_type", "depth", "interlace", "keyed"), KINDS)
def test_every_kind_of_png(color_type, depth, interlace, keyed, beside):
    samples, extra, want = _random(color_type, depth, keyed)
    got = read_picture(png(samples, color_type, depth, interlace, [*extra, *BESIDE[beside]]))
    assert np.array_equal(got, want)


@pytest.mark.parametrize(("color_type", "depth", "interlace", "keyed"), KINDS)
def test_every_kind_of_png_is_turned_upright(color_type, depth, interlace, keyed):
    samples, extra, want = _random(color_type, depth, keyed)
    got = read_picture(png(samples, color_type, depth, interlace, [*extra, (b"eXIf", orientation_exif(6))]))
    assert np.array_equal(got, np.rot90(want, -1))


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf", b"gAMA", b"tIME", b"acTL", b"prVt"])
def test_a_wrong_checksum_beside_the_pixels_costs_nothing_but_the_chunk(kind):
    samples, _, want = _random(2, 8, False)
    data = png(samples, 2, 8, 0, [(kind, orientation_exif(6))])
    place = data.index(kind) + 4 + len(orientation_exif(6))
    broken = data[:place] + b"\0\0\0\0" + data[place + 4 :]
    assert np.array_equal(read_picture(broken), want)


@pytest.mark.parametrize("color_type", [2, 3])
@pytest.mark.parametrize("kind", [b"IHDR", b"PLTE", b"IDAT"])
def test_a_wrong_checksum_of_what_the_pixels_need_is_refused(kind, color_type):
    """A palette that only suggests colors is one of them: libpng refuses it too."""
    samples, extra, _ = _random(color_type, 8, False)
    data = bytearray(png(samples, color_type, 8, 0, extra or [(b"PLTE", bytes(30))]))
    (length,) = struct.unpack_from(">I", data, data.index(kind) - 4)
    data[data.index(kind) + 4 + length] ^= 1
    with pytest.raises(PictureError):
        read_picture(bytes(data))


def test_a_color_that_is_transparent_by_a_wrong_checksum_is_not():
    samples, extra, want = _random(2, 16, True)
    data = bytearray(png(samples, 2, 16, 0, extra))
    data[data.index(b"tRNS") + 4 + 6] ^= 1
    assert np.array_equal(read_picture(bytes(data)), want[:, :, :3])


CUT_SHORT = b"name\0\0" + zlib.compress(b"x")[:-3]


@pytest.mark.parametrize("body", [b"", b"name", b"name\0\0", b"name\0\0nonsense", CUT_SHORT])
def test_a_profile_that_cannot_be_unpacked_counts_for_nothing(body):
    samples, _, want = _random(2, 8, False)
    assert np.array_equal(read_picture(png(samples, 2, 8, 0, [(b"iCCP", body)])), want)


def test_a_profile_that_unpacks_to_far_too_much_counts_for_nothing():
    samples, _, want = _random(2, 8, False)
    bomb = b"name\0\0" + zlib.compress(bytes(MAX_PROFILE_BYTES + 1))
    assert np.array_equal(read_picture(png(samples, 2, 8, 0, [(b"iCCP", bomb)])), want)


def test_an_interlaced_picture_is_unpacked_no_further_than_its_end(monkeypatch):
    """What follows would be copied again with each chunk: 200,000 of them took longer than anybody waits."""
    whole = png(_random(2, 8, False)[0], 2, 8, interlace=1)
    data = whole[:-12] + chunk(b"IDAT", b"x") * 1000 + chunk(b"IEND")
    size = interlaced_size(data)
    taken = []
    inflate = zlib.decompressobj()

    class Counted:
        eof = property(lambda self: inflate.eof)
        unconsumed_tail = property(lambda self: inflate.unconsumed_tail)

        def decompress(self, *given):
            taken.append(given)
            return inflate.decompress(*given)

    monkeypatch.setattr(zlib, "decompressobj", Counted)
    assert unpacks_to(data, size)
    assert len(taken) == 1


def test_the_header_is_the_first_chunk():
    whole = png(_random(2, 8, False)[0], 2, 8, interlace=1)
    data = whole[:8] + chunk(b"ABCD", whole[16:29]) + whole[8:]
    with pytest.raises(PictureError, match="damaged"):
        read_picture(data)


@pytest.mark.parametrize("missing", [1, 2, 33, 1000])
def test_passes_that_are_missing_never_become_old_memory(missing):
    samples, _, _ = _random(2, 8, False)
    whole = png(np.tile(samples, (8, 8, 1)), 2, 8, interlace=1)
    start = whole.index(b"IDAT") + 4
    lines = zlib.decompress(whole[start:-16])[:-missing]
    data = whole[: start - 8] + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND")
    with pytest.raises(PictureError, match="PNG picture is truncated or damaged"):
        read_picture(data)


def test_16_bits_are_rounded_to_8():
    every = np.arange(1 << 16, dtype=np.uint16).reshape(256, 256)
    want = np.floor(every / 257 + 0.5)
    assert np.array_equal(module.to_8_bits(every), want)
    assert np.array_equal(read_picture(png(every[:, :, np.newaxis], 0, 16))[:, :, 0], want)


@pytest.mark.parametrize("missing", [1, 2, 33, 1000, 64 * 193])
def test_lines_that_are_missing_never_become_old_memory(missing):
    """All checksums are right, only there are too few samples."""
    lines = np.zeros((64, 193), np.uint8).tobytes()[:-missing]
    data = png_header(64, 64) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND")
    with pytest.raises(PictureError, match="PNG picture is truncated or damaged"):
        read_picture(data)


def test_a_wrong_checksum_is_refused():
    data = bytearray(write_png(photo(64, 64)))
    data[-16] ^= 1  # the last byte of IDAT's checksum, before IEND's twelve
    with pytest.raises(PictureError, match="damaged"):
        read_picture(bytes(data))


def test_only_pixels_go_out():
    data = write_png(photo(64, 64))
    assert {*chunk_kinds(data)} == {b"IHDR", b"IDAT", b"IEND"}


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 0), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4, 4, 3, 1), np.uint8),
        np.zeros((4, 4, 3), np.uint16),
        np.zeros((1, 1_000_001), np.uint8),
    ],
)
def test_what_no_png_can_hold_is_refused_by_shape(image):
    with pytest.raises(ValueError, match="A picture to write ") as raised:
        write_png(image)
    assert str(image.shape) in str(raised.value)


def test_any_memory_layout_is_written():
    image = np.random.default_rng(0).integers(0, 256, (8, 6, 4), np.uint8)
    for odd in (np.asfortranarray(image), image[::-1, ::-1], image[::2, ::2], image[:, :, 2]):
        want = odd if odd.ndim == 3 else odd[:, :, np.newaxis].repeat(3, axis=2)
        assert np.array_equal(read_picture(write_png(odd)), want)


@pytest.mark.parametrize("shape", [(1, 1_000_000, 3), (1_000_000, 1, 3)])
def test_the_longest_sides(shape):
    image = np.full(shape, 7, np.uint8)
    assert np.array_equal(read_picture(write_png(image)), image)
