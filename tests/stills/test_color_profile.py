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


def linear_grey(name):
    """A profile of grey whose curve is a straight line (ICC.1, sections 7 and 10): description, white and curve."""
    words = name.encode("ascii") + b"\0"
    described = b"desc" + bytes(4) + struct.pack(">I", len(words)) + words + bytes(4 + 4 + 2 + 1 + 67)
    white = b"XYZ " + bytes(4) + struct.pack(">iii", *(round(65536 * v) for v in (0.9642, 1.0, 0.8249)))
    curve = b"curv" + bytes(4) + struct.pack(">I", 0)
    tags, at, body = b"", 128 + 4 + 3 * 12, b""
    for kind, data in ((b"desc", described), (b"wtpt", white), (b"kTRC", curve)):
        data += bytes(-len(data) % 4)
        tags += struct.pack(">4sII", kind, at + len(body), len(data))
        body += data
    header = struct.pack(">I4sI4s4s4s", at + len(body), b"none", 0x02100000, b"mntr", b"GRAY", b"XYZ ")
    header += bytes(12) + b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061) + bytes(48)
    return header[:128] + struct.pack(">I", 3) + tags + body


def test_srgb_under_another_name_changes_nothing():
    image = Image.fromarray(blocks())
    assert np.array_equal(to_srgb(image, named(SRGB, "my own screen")), blocks())


def test_another_profile_under_the_name_of_srgb_is_applied():
    swapped = swapped_profile().replace("swap".encode("utf-16-be"), "sRGB".encode("utf-16-be"))
    got = np.asarray(to_srgb(Image.fromarray(blocks()), swapped)).astype(int)
    assert np.abs(got - blocks()[:, :, ::-1]).max() <= 1


@pytest.mark.parametrize("name", ["sRGB linear", "Linear grey"])
def test_linear_grey_becomes_what_srgb_codes_it_as(name):
    """By IEC 61966-2-1: 1.055 L^(1/2.4) - 0.055."""
    levels = np.arange(256, dtype=np.uint8)[np.newaxis]
    got = np.asarray(to_srgb(Image.fromarray(levels), linear_grey(name))).astype(float)
    light = levels / 255
    want = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(got - want[:, :, np.newaxis]).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_file_of_linear_grey(kind):
    """A level of 55 is 0.2157 of the light, which sRGB codes as 0.5019."""
    grey = np.full((4, 6), 55, np.uint8)
    got = read_picture(saved(grey, kind, icc_profile=linear_grey("sRGB linear")))
    assert np.array_equal(got, np.full((4, 6, 3), 128))


@pytest.mark.parametrize("profile", [None, b"", b"nonsense", SRGB[:200], linear_grey("Grey")])
def test_what_is_broken_or_of_another_kind_changes_nothing(profile):
    assert np.array_equal(to_srgb(Image.fromarray(blocks()), profile), blocks())
