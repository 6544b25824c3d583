"""Profiles are judged by what they do, not by their names."""

import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from colorfilter.stills.color_profile import to_srgb
from colorfilter.stills.decode import read_picture
from tests.support.pictures import blocks, saved, swapped_profile

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def named(profile, name):
    """The profile under a name of as many letters as Pillow's own has for sRGB."""
    own = "sRGB built-in".encode("utf-16-be")
    assert own in profile
    return profile.replace(own, name.encode("utf-16-be"))


def numbers(values):
    """Values as an XYZ tag has them (ICC.1, section 10.31), with 16 bits before and after the point."""
    return b"XYZ " + bytes(4) + struct.pack(">iii", *(round(65536 * value) for value in values))


def profile_of(space, name, tags):
    """A profile of a screen (ICC.1, sections 7 and 9) with a description, its white and these tags."""
    words = name.encode("ascii") + b"\0"
    described = b"desc" + bytes(4) + struct.pack(">I", len(words)) + words + bytes(4 + 4 + 2 + 1 + 67)
    tags = {b"desc": described, b"wtpt": numbers((0.9642, 1.0, 0.8249)), **tags}
    table, at, body = b"", 128 + 4 + 12 * len(tags), b""
    for kind, data in tags.items():
        data += bytes(-len(data) % 4)
        table += struct.pack(">4sII", kind, at + len(body), len(data))
        body += data
    header = struct.pack(">I4sI4s4s4s", at + len(body), b"none", 0x02100000, b"mntr", space, b"XYZ ")
    header += bytes(12) + b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061) + bytes(48)
    return header[:128] + struct.pack(">I", len(tags)) + table + body


LINE = b"curv" + bytes(4) + struct.pack(">I", 0)  # a curve without points is a straight line (section 10.6)


def linear_grey(name):
    """A profile of grey whose curve is a straight line."""
    return profile_of(b"GRAY", name, {b"kTRC": LINE})


# XYZ of red, green and blue of sRGB in a profile, under its white D50, in columns (IEC 61966-2-1, annex F).
SRGB_COLORANTS = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
FROM_BT2020 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])  # BT.2087
TO_SRGB = {"sRGB": np.eye(3), "BT.2020": FROM_BT2020}  # in linear light


def linear_rgb(primaries):
    """A profile of RGB with these primaries whose curves are straight lines."""
    columns = (SRGB_COLORANTS @ TO_SRGB[primaries]).T
    tags = {bytes([letter]) + b"XYZ": numbers(column) for letter, column in zip(b"rgb", columns, strict=True)}
    return profile_of(b"RGB ", "Linear", tags | {bytes([letter]) + b"TRC": LINE for letter in b"rgb"})


def coded(light):
    """What sRGB codes linear light as, 0..255 (IEC 61966-2-1): 1.055 L^(1/2.4) - 0.055 but for the darkest."""
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def test_srgb_under_another_name_changes_nothing():
    image = Image.fromarray(blocks())
    assert np.array_equal(to_srgb(image, named(SRGB, "my own screen")), blocks())


def test_another_profile_under_the_name_of_srgb_is_applied():
    swapped = swapped_profile().replace("swap".encode("utf-16-be"), "sRGB".encode("utf-16-be"))
    got = np.asarray(to_srgb(Image.fromarray(blocks()), swapped)).astype(int)
    assert np.abs(got - blocks()[:, :, ::-1]).max() <= 1


@pytest.mark.parametrize("name", ["sRGB linear", "Linear grey"])
def test_linear_grey_becomes_what_srgb_codes_it_as(name):
    levels = np.arange(256, dtype=np.uint8)[np.newaxis]
    got = np.asarray(to_srgb(Image.fromarray(levels), linear_grey(name))).astype(float)
    assert np.abs(got - coded(levels / 255)[:, :, np.newaxis]).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("primaries", TO_SRGB)
def test_a_file_of_linear_rgb(kind, primaries):
    """Greys, dark colors and any, to a level: half of it is rounding, the rest that of the profile itself."""
    rng = np.random.default_rng(3)
    greys = np.arange(256).repeat(3).reshape(16, 16, 3)
    parts = [greys, rng.integers(0, 16, (16, 100, 3)), rng.integers(0, 256, (16, 500, 3))]
    picture = np.concatenate(parts, axis=1).astype(np.uint8)
    got = read_picture(saved(picture, kind, icc_profile=linear_rgb(primaries)))
    want = coded(picture / 255 @ TO_SRGB[primaries].T)
    assert np.abs(got - want).max() <= 1.2
    assert np.abs(got - want)[:, :16].max() <= 0.6  # greys


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_file_of_linear_grey(kind):
    """A level of 55 is 0.2157 of the light, which sRGB codes as 0.5019."""
    grey = np.full((4, 6), 55, np.uint8)
    got = read_picture(saved(grey, kind, icc_profile=linear_grey("sRGB linear")))
    assert np.array_equal(got, np.full((4, 6, 3), 128))


@pytest.mark.parametrize("profile", [None, b"", b"nonsense", SRGB[:200], linear_grey("Grey")])
def test_what_is_broken_or_of_another_kind_changes_nothing(profile):
    assert np.array_equal(to_srgb(Image.fromarray(blocks()), profile), blocks())
