import io
import random
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from colorfilter import PRESETS, filter_image
from colorfilter.stills.decode import MAX_BYTES, MAX_PIXELS, PictureError, PictureTooLarge, read_picture
from colorfilter.stills.png import write_png
from colorfilter.stills.png_chunks import chunk_kinds
from tests.support.pictures import blocks, chunk, corpus, png, png_header, saved, swapped_profile, tiff

# EXIF 2.3, tag 274: how to turn what is stored into what is seen.
TURNED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}


def far(got, want):
    assert got.shape == want.shape
    return np.abs(got.astype(int) - want.astype(int)).max()


@pytest.mark.parametrize(
    ("kind", "options", "worst"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "tiff_adobe_deflate"}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("JPEG", {"quality": 100, "subsampling": 0}, 3),
        ("JPEG", {"quality": 100, "subsampling": 0, "progressive": True}, 3),
    ],
)
def test_each_format_gives_the_pixels_that_were_saved(kind, options, worst):
    assert far(read_picture(saved(blocks(), kind, **options)), blocks()) <= worst


def test_gif_gives_its_first_frame():
    first, second = (Image.fromarray(np.full((8, 8, 3), color, np.uint8)) for color in ((255, 0, 0), (0, 0, 255)))
    data = saved(first, "GIF", save_all=True, append_images=[second])
    assert np.array_equal(read_picture(data), np.asarray(first))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_alpha_is_kept_and_the_colors_under_it(kind):
    image = np.random.default_rng(0).integers(0, 256, (9, 7, 4), np.uint8)
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    assert np.array_equal(read_picture(saved(image, kind, **options)), image)


def test_a_palette_with_a_transparent_color():
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    for kind in ("PNG", "GIF"):
        assert read_picture(saved(image, kind, transparency=1)).tolist() == [[[10, 20, 30, 255], [40, 50, 60, 0]]]


@pytest.mark.parametrize("mode", ["1", "L", "P"])
@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF"])
def test_black_and_white_in_every_mode(mode, kind):
    image = Image.new(mode, (2, 1))
    if mode == "P":
        image.putpalette([0, 0, 0] + [255, 255, 255] * 255)
    image.putpixel((1, 0), 255 if mode != "1" else 1)
    assert read_picture(saved(image, kind)).tolist() == [[[0, 0, 0], [255, 255, 255]]]


@pytest.mark.parametrize(
    ("ink", "light"),
    [
        ((0, 0, 0, 0), (255, 255, 255)),
        ((255, 0, 0, 0), (0, 255, 255)),
        ((0, 255, 0, 0), (255, 0, 255)),
        ((0, 0, 255, 0), (255, 255, 0)),
        ((0, 0, 0, 255), (0, 0, 0)),
        ((0, 128, 0, 0), (255, 127, 255)),
        ((0, 0, 0, 128), (127, 127, 127)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_ink_becomes_light(ink, light, kind):
    """Without a profile, CMYK is what each ink leaves of white light."""
    got = read_picture(saved(Image.new("CMYK", (16, 16), ink), kind))
    assert far(got, np.full((16, 16, 3), light)) <= 2


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_the_picture_is_turned_by_its_exif_orientation(orientation, kind):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"PNG": {}, "JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}, "TIFF": {}}[kind]
    got = read_picture(saved(blocks(), kind, exif=exif, **options))
    assert far(got, TURNED[orientation](blocks())) <= (3 if kind == "JPEG" else 0)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_an_icc_profile_is_converted_to_srgb(kind):
    options = {"PNG": {}, "JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}, "TIFF": {}}[kind]
    got = read_picture(saved(blocks(), kind, icc_profile=swapped_profile(), **options))
    assert far(got, blocks()[:, :, ::-1]) <= (4 if kind == "JPEG" else 1)


def test_an_icc_profile_leaves_alpha_alone():
    image = np.dstack([blocks(), np.arange(32 * 48, dtype=np.uint8).reshape(32, 48)])
    got = read_picture(saved(image, icc_profile=swapped_profile()))
    assert np.array_equal(got[:, :, 3], image[:, :, 3])
    assert far(got[:, :, :3], image[:, :, 2::-1]) <= 1


@pytest.mark.parametrize(
    "profile",
    [ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), b"nonsense", swapped_profile()[:200]],
)
def test_srgb_and_broken_profiles_change_nothing(profile):
    assert np.array_equal(read_picture(saved(blocks(), icc_profile=profile)), blocks())


def test_a_profile_of_another_kind_of_picture_is_ignored():
    grey = blocks()[:, :, 0]
    got = read_picture(saved(grey, icc_profile=swapped_profile()))
    assert np.array_equal(got, grey[:, :, np.newaxis].repeat(3, axis=2))


def test_no_metadata_goes_out():
    exif = Image.Exif()
    exif[0x010F] = "CameraMaker"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 0.0)})
    data = saved(blocks(), "JPEG", exif=exif, comment=b"a comment", icc_profile=swapped_profile())
    assert b"CameraMaker" in data
    out = write_png(filter_image(read_picture(data), PRESETS["red"]))
    assert {*chunk_kinds(out)} == {b"IHDR", b"IDAT", b"IEND"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "zero bytes"),
        (b"hello", "not a picture that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture that can be read"),
        (b"%PDF-1.7", "not a picture that can be read"),
        (b"\x89PNG\r\n\x1a\n", "truncated or damaged|not a picture"),
        (saved(Image.new("F", (4, 4)), "TIFF"), "8 or 16 bits"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_sentence(data, words):
    with pytest.raises(PictureError, match=words) as raised:
        read_picture(data)
    assert not isinstance(raised.value, PictureTooLarge)
    assert str(raised.value).endswith(".")
    assert "\n" not in str(raised.value)


def test_too_many_bytes_are_refused():
    with pytest.raises(PictureTooLarge, match="more than 25 MB"):
        read_picture(bytes(MAX_BYTES + 1))
    with pytest.raises(PictureError, match="not a picture"):
        read_picture(bytes(MAX_BYTES))


@pytest.mark.parametrize(
    "size",
    [
        (10_000, 5001),
        (1_000_001, 1),
        (1, 1_000_001),
        (MAX_PIXELS + 1, 1),
        (20_000, 20_000),
        (1 << 20, 1 << 20),
        (0x7FFFFFFF, 0x7FFFFFFF),
    ],
)
def test_a_decompression_bomb_is_refused_from_its_header(size):
    """Not one pixel follows the header, and the refusal is for the size."""
    with pytest.raises(PictureTooLarge, match="limit is 50 megapixels"):
        read_picture(png_header(*size) + chunk(b"IDAT", b"no pixels"))


@pytest.mark.parametrize(
    ("kind", "position", "size"),
    [("GIF", 6, "<HH"), ("BMP", 18, "<ii"), ("JPEG", -1, ">HH")],
)
def test_a_bomb_in_another_format(kind, position, size):
    data = bytearray(saved(blocks(), kind))
    if kind == "JPEG":
        position = data.index(b"\xff\xc0") + 5
    struct.pack_into(size, data, position, 30_000, 30_000)
    with pytest.raises(PictureTooLarge, match="limit is 50 megapixels"):
        read_picture(bytes(data))


def test_50_megapixels_are_not_too_many():
    with pytest.raises(PictureError, match="damaged") as raised:
        read_picture(png_header(10_000, 5000) + chunk(b"IDAT", b"no pixels"))
    assert not isinstance(raised.value, PictureTooLarge)


@pytest.mark.parametrize("name", corpus())
def test_truncated_anywhere(name):
    """Never half a picture: refused, or whole if only what follows the pixels is missing."""
    data = corpus()[name]
    whole = read_picture(data)
    lengths = {*range(0, len(data), max(1, len(data) // 100)), *range(len(data) - 20, len(data))}
    accepted = []
    for length in lengths:
        try:
            part = read_picture(data[:length])
        except PictureError:
            continue
        assert np.array_equal(part, whole)
        accepted.append(length)
    if name == "gif-animated":  # its first frame is what we show
        assert min(accepted) > len(data) / 3
    else:
        assert all(length >= len(data) - 2 for length in accepted)


def test_500_mutations_give_a_picture_or_a_sentence():
    rng = random.Random(4)
    files = list(corpus().values())
    refused = 0
    for _ in range(500):
        data = bytearray(rng.choice(files))
        for _ in range(rng.choice((1, 3, 20))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            picture = read_picture(bytes(data))
        except PictureError:
            refused += 1
        else:
            assert picture.dtype == np.uint8
            assert picture.shape[2:] in ((3,), (4,))
    assert 50 < refused < 500


def exif_with_an_odd_field(orientation):
    """EXIF whose picture is turned and that has a field of another type than it should, which nobody can write anew."""
    odd = struct.pack("<HHI4s", 0x0103, 2, 4, b"six\0")  # Compression, a number
    turn = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + struct.pack("<H", 2) + odd + turn + bytes(4)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_an_odd_field_of_a_turned_photo_costs_nothing(kind):
    options = {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}[kind]
    got = read_picture(saved(blocks(), kind, exif=exif_with_an_odd_field(6), **options))
    assert far(got, np.rot90(blocks(), -1)) <= 3


BROKEN_EXIF = [b"", b"nonsense", b"II*\0\xff\xff\xff\x7f", exif_with_an_odd_field(9).removeprefix(b"Exif\0\0")]


@pytest.mark.parametrize("exif", BROKEN_EXIF)
def test_exif_that_cannot_be_read_costs_nothing(exif):
    got = read_picture(saved(blocks(), "JPEG", quality=100, subsampling=0, exif=b"Exif\0\0" + exif))
    assert far(got, blocks()) <= 3


BYTE, ASCII, SHORT, LONG, RATIONAL = 1, 2, 3, 4, 5  # types of fields (TIFF 6.0, section 2)
MAKE, ORIENTATION, RESOLUTION, GPS, PROFILE = 271, 274, 282, 34853, 34675
BEYOND = 10**6  # a place behind the end of each of these files
# What is wrong beside the orientation, each a field: its tag, type, count and place, or its values.
ODD_FIELDS = {
    "nothing": [],
    "values beyond the end": [(MAKE, ASCII, 10, BEYOND)],
    "more values than a file has": [(MAKE, RATIONAL, 0xFFFFFFFF, BEYOND)],
    "values beyond all": [(MAKE, ASCII, 8, 0xFFFFFFFF)],
    "a type that is none": [(MAKE, 99, 1, 0)],
    "no values": [(RESOLUTION, RATIONAL, 0, 0)],
    "a fraction as a number": [(RESOLUTION, SHORT, 1, 72)],
    "words for a place": [(GPS, ASCII, 4, 0x41414141)],
    "a profile that is a number": [(PROFILE, SHORT, 1, 5)],
    "a profile that is words": [(PROFILE, ASCII, 4, 0x41414141)],
}


def directory(order, fields):
    """An image file directory (TIFF 6.0, section 2), the last of its file. A SHORT stands in the first half."""
    body = struct.pack(f"{order}H", len(fields))
    for tag, kind, count, value in sorted(fields):
        value = struct.pack(f"{order}HH", value, 0) if (kind, count) == (SHORT, 1) else struct.pack(f"{order}I", value)
        body += struct.pack(f"{order}HHI", tag, kind, count) + value
    return body + bytes(4)


def odd_file(order, fields, data=b""):
    """EXIF or a TIFF whose directory lies behind the data, at an odd place."""
    data += bytes(1 - len(data) % 2)
    start = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HI", 42, 8 + len(data))
    return start + data + directory(order, fields)


def odd_tiff(order, fields):
    """`blocks()` in a TIFF with these fields more, that point to what they will."""
    height, width, channels = blocks().shape
    depths, pixels = struct.pack(f"{order}3H", 8, 8, 8), blocks().tobytes()
    own = [(256, LONG, 1, width), (257, LONG, 1, height), (258, SHORT, 3, 8), (259, SHORT, 1, 1), (262, SHORT, 1, 2)]
    own += [(273, LONG, 1, 8 + len(depths)), (277, SHORT, 1, channels), (278, LONG, 1, height)]
    return odd_file(order, [*own, (279, LONG, 1, len(pixels)), *fields], depths + pixels)


@pytest.mark.parametrize("odd", ODD_FIELDS)
@pytest.mark.parametrize("kind", [SHORT, LONG])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("reader", ["PNG", "PNG of few bits", "JPEG", "WEBP", "TIFF"])
def test_the_orientation_is_read_whatever_is_odd_beside_it(reader, order, kind, odd):
    fields = [(ORIENTATION, kind, 1, 6), *ODD_FIELDS[odd]]
    exif, want = odd_file(order, fields), np.rot90(blocks(), -1)
    if reader == "TIFF":
        assert np.array_equal(read_picture(odd_tiff(order, fields)), want)
    elif reader == "PNG":
        assert np.array_equal(read_picture(png(blocks(), 2, 8, 0, [(b"eXIf", exif)])), want)
    elif reader == "PNG of few bits":  # Pillow reads it
        got = read_picture(png(blocks()[:, :, :1] // 16, 0, 4, 0, [(b"eXIf", exif)]))
        assert np.array_equal(got[:, :, 0], want[:, :, 0] // 16 * 17)
    else:
        options = {"quality": 100, "subsampling": 0} if reader == "JPEG" else {"lossless": True}
        assert far(read_picture(saved(blocks(), reader, exif=b"Exif\0\0" + exif, **options)), want) <= 3


NO_ORIENTATION = [(ASCII, 4, 0x36363636), (SHORT, 0, 6), (99, 1, 6), (SHORT, 1, 9), (LONG, 1, 0x60006)]


@pytest.mark.parametrize(("kind", "count", "value"), NO_ORIENTATION)
@pytest.mark.parametrize("order", ["<", ">"])
def test_an_orientation_that_is_none_leaves_the_picture_as_it_is(order, kind, count, value):
    field = (ORIENTATION, kind, count, value)
    assert np.array_equal(read_picture(png(blocks(), 2, 8, 0, [(b"eXIf", odd_file(order, [field]))])), blocks())
    assert np.array_equal(read_picture(odd_tiff(order, [field])), blocks())


def test_the_words_before_exif_may_stand_there_twice():
    exif = b"Exif\0\0" * 2 + odd_file("<", [(ORIENTATION, SHORT, 1, 6)])
    assert np.array_equal(read_picture(png(blocks(), 2, 8, 0, [(b"eXIf", exif)])), np.rot90(blocks(), -1))


def test_a_next_page_that_lies_among_the_pixels_changes_none():
    data = odd_tiff("<", [(ORIENTATION, SHORT, 1, 1)])
    pixels = bytearray(data[:-4] + struct.pack("<I", 15))
    struct.pack_into("<HHHII", pixels, 15, 1, MAKE, ASCII, 10, BEYOND)
    want = np.frombuffer(bytes(pixels[14:]), np.uint8)[: blocks().size].reshape(blocks().shape)
    assert np.array_equal(read_picture(bytes(pixels)), want)


GREY, RGB, CMYK = 1, 2, 5  # PhotometricInterpretation (TIFF 6.0)
ASSOCIATED, UNASSOCIATED = 1, 2  # ExtraSamples: colors multiplied by alpha, and as they are


def premultiplied(color, alpha):
    return np.dstack([np.rint(color * (alpha[:, :, np.newaxis] / 255)), alpha])


@pytest.mark.parametrize("photometric", [GREY, RGB])
@pytest.mark.parametrize("extra", [ASSOCIATED, UNASSOCIATED])
def test_a_tiff_with_alpha(photometric, extra):
    color = blocks()[:, :, : 1 if photometric == GREY else 3]
    alpha = np.full(color.shape[:2], 128, np.uint8)
    samples = premultiplied(color, alpha) if extra == ASSOCIATED else np.dstack([color, alpha])
    got = read_picture(tiff((samples, photometric, extra, 0)))
    want = np.dstack([np.broadcast_to(color, blocks().shape), alpha])
    assert far(got, want) <= (1 if extra == ASSOCIATED else 0)


def test_a_tiff_of_ink_with_a_fifth_channel_is_read_without_it_unless_that_is_alpha():
    ink = np.zeros((32, 48, 5), np.uint8)
    ink[:, :, 0] = 100
    light = np.broadcast_to(np.array([155, 255, 255], np.uint8), (32, 48, 3))
    assert far(read_picture(tiff((ink, CMYK, 0, 0))), light) <= 2
    for alpha in (ASSOCIATED, UNASSOCIATED):
        with pytest.raises(PictureError, match="This kind of TIFF cannot be read"):
            read_picture(tiff((ink, CMYK, alpha, 0)))


def test_a_tiff_whose_first_page_is_reduced_gives_the_largest_page():
    reduced, whole, other = blocks((16, 24), 1), blocks((64, 96), 2), blocks((32, 48), 3)
    pages = [(reduced, RGB, None, 1), (whole, RGB, None, 0), (other, RGB, None, 1)]
    assert np.array_equal(read_picture(tiff(*pages)), whole)
    assert np.array_equal(read_picture(tiff((reduced, RGB, None, 0), *pages[1:])), reduced)  # a page of its own
    assert np.array_equal(read_picture(tiff(pages[0])), reduced)  # there is no other


def test_a_tiff_of_reduced_pages_that_cannot_all_be_read_gives_the_largest_that_can():
    reduced, whole, mask = blocks((16, 24), 1), blocks((32, 48), 2), blocks((64, 96), 3)
    color_filter_array = 32803  # of a raw photo, which nobody reads as it is
    pages = (reduced, RGB, None, 1), (whole, color_filter_array, None, 0)
    assert np.array_equal(read_picture(tiff(*pages)), reduced)
    pages = (reduced, RGB, None, 1), (whole, RGB, None, 0), (mask, RGB, None, 4)
    assert np.array_equal(read_picture(tiff(*pages)), whole)
    cut = tiff((reduced, RGB, None, 1))
    assert np.array_equal(read_picture(cut[:-4] + struct.pack("<I", 10**9)), reduced)  # the next page is beyond the end
    odd = tiff((reduced, RGB, None, 0)).replace(
        struct.pack("<HHII", 254, 4, 1, 0), struct.pack("<HHI4s", 254, 2, 4, b"one\0")
    )
    assert np.array_equal(read_picture(odd), reduced)


def test_the_largest_page_of_a_tiff_has_the_same_limit():
    huge = bytearray(tiff((blocks(), RGB, None, 1), (blocks((64, 96)), RGB, None, 0)))
    place = huge.rindex(struct.pack("<HHII", 256, 4, 1, 96))
    struct.pack_into("<HHII", huge, place, 256, 4, 1, 960_000)
    with pytest.raises(PictureTooLarge, match="50 megapixels"):
        read_picture(bytes(huge))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_text_beside_the_picture_does_not_turn_it(kind):
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf tiff:Orientation="6"/></x:xmpmeta>'
    beside = {"PNG": {}, "JPEG": {"xmp": xmp, "quality": 100, "subsampling": 0}, "WEBP": {"xmp": xmp, "lossless": True}}
    data = saved(blocks(), kind, **beside[kind])
    if kind == "PNG":
        data = png(blocks(), 2, 8, 0, [(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp)])
    assert Image.open(io.BytesIO(data)).getexif()[ORIENTATION] == 6  # as Pillow has it
    assert far(read_picture(data), blocks()) <= 3
