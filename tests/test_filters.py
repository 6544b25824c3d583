import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from colorfilter import PRESETS, ColorFilter, filter_image

colors = st.tuples(*3 * [st.integers(0, 255)])
pictures = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([3, 4])),
)


def test_the_seven_presets_in_order_with_their_colors():
    assert {name: f.color for name, f in PRESETS.items()} == {
        "original": (255, 255, 255),
        "red": (255, 0, 0),
        "green": (0, 255, 0),
        "blue": (0, 0, 255),
        "yellow": (255, 255, 0),
        "pink": (255, 0, 255),
        "cyan": (0, 255, 255),
    }
    assert list(PRESETS) == ["original", "red", "green", "blue", "yellow", "pink", "cyan"]


@given(pictures, colors)
def test_each_channel_is_in_times_color_over_255_rounded(image, color):
    before = image.copy()
    out = filter_image(image, ColorFilter("any", color))
    want = np.floor(image[:, :, :3] * np.array(color) / 255 + 0.5)
    assert out.dtype == np.uint8
    assert np.array_equal(out[:, :, :3], want)
    assert np.array_equal(out[:, :, 3:], image[:, :, 3:])  # alpha untouched
    assert np.array_equal(image, before)


@given(pictures)
def test_original_returns_the_same_values_in_a_new_array(image):
    out = filter_image(image, PRESETS["original"])
    assert np.array_equal(out, image)
    assert not np.shares_memory(out, image)


def test_every_value_under_every_share():
    """All 256 x 256 pairs, in integers: round(n / 255) = (2 n + 255) // 510."""
    image = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    for share in range(256):
        out = filter_image(image, ColorFilter("any", (share, 255 - share, 7)))
        for channel, c in enumerate((share, 255 - share, 7)):
            want = (2 * np.arange(256) * c + 255) // 510
            assert np.array_equal(out[:, :, channel].ravel(), want)


@pytest.mark.parametrize(
    "layout",
    [
        pytest.param(lambda a: np.asfortranarray(a), id="fortran"),
        pytest.param(lambda a: a[::-1, ::-1], id="flipped"),
        pytest.param(lambda a: a.repeat(2, 0)[::2], id="strided"),
        pytest.param(lambda a: np.moveaxis(np.moveaxis(a, 2, 0).copy(), 0, 2), id="planar"),
        pytest.param(lambda a: np.lib.stride_tricks.as_strided(a, writeable=False), id="read-only"),
        pytest.param(lambda a: a[:0], id="empty"),
    ],
)
def test_any_memory_layout(layout):
    plain = np.random.default_rng(0).integers(0, 256, (6, 8, 4), np.uint8)
    odd = layout(plain)
    want = filter_image(odd.copy(order="C"), PRESETS["pink"])
    assert want.size == 0 or want[..., 0].any()
    assert np.array_equal(filter_image(odd, PRESETS["pink"]), want)


def test_grey_light_comes_out_colored():
    grey = np.array([[0, 100, 255]], np.uint8)
    assert filter_image(grey, PRESETS["yellow"]).tolist() == [[[0, 0, 0], [100, 100, 0], [255, 255, 0]]]


def test_grey_stays_grey_under_a_filter_that_is_grey():
    grey = np.array([[0, 100, 255]], np.uint8)
    assert np.array_equal(filter_image(grey, PRESETS["original"]), grey)
    assert filter_image(grey, ColorFilter("half", (128, 128, 128))).tolist() == [[0, 50, 128]]


@pytest.mark.parametrize("shape", [(4,), (4, 4, 1), (4, 4, 2), (4, 4, 5), (1, 4, 4, 3)])
def test_other_shapes_are_refused_by_name(shape):
    with pytest.raises(ValueError, match=str(shape).replace("(", r"\(").replace(")", r"\)")):
        filter_image(np.zeros(shape, np.uint8), PRESETS["red"])


@pytest.mark.parametrize("dtype", ["float32", "uint16", "bool", "int8"])
def test_other_dtypes_are_refused_by_name(dtype):
    with pytest.raises(TypeError, match=dtype):
        filter_image(np.zeros((4, 4, 3), dtype), PRESETS["red"])


def test_what_is_no_array_is_refused_by_name():
    with pytest.raises(TypeError, match="list"):
        filter_image([[1, 2, 3]], PRESETS["red"])


@given(colors)
def test_hex_there_and_back(color):
    text = "#{:02x}{:02x}{:02x}".format(*color)
    assert ColorFilter.from_hex(text).color == color
    assert ColorFilter.from_hex(text.upper()).hex == text


@pytest.mark.parametrize(
    "text", ["", "ff8800", "#ff880", "#ff88000", "#gg8800", "#ff8800\n", "red", None, 5, "#٣٣٣٣٣٣"]
)
def test_anything_but_a_hex_color_is_refused_by_name(text):
    with pytest.raises(ValueError, match="#ff8800, not ") as raised:
        ColorFilter.from_hex(text)
    assert repr(text) in str(raised.value)


@pytest.mark.parametrize("color", [(256, 0, 0), (-1, 0, 0), (0, 0), (0.5, 0, 0), "red"])
def test_a_color_that_is_none_is_refused(color):
    with pytest.raises(ValueError, match="three whole numbers from 0 to 255"):
        ColorFilter("wrong", color)


@given(colors, st.floats(0, 1))
def test_strength_moves_the_color_towards_white(color, strength):
    weaker = ColorFilter("any", color).at_strength(strength)
    for share, c in zip(weaker.color, color, strict=True):
        assert abs(share - (255 * (1 - strength) + c * strength)) <= 0.5 + 1e-9
    assert ColorFilter("any", color).at_strength(1).color == color
    assert ColorFilter("any", color).at_strength(0).color == (255, 255, 255)


@pytest.mark.parametrize("strength", [-0.01, 1.01, float("nan"), float("inf")])
def test_a_strength_outside_0_to_1_is_refused(strength):
    with pytest.raises(ValueError, match="between 0 and 1"):
        PRESETS["red"].at_strength(strength)


@pytest.mark.parametrize(
    ("color_filter", "words"),
    [
        (PRESETS["original"], "Original keeps every color as it is."),
        (PRESETS["red"], "Red keeps red and removes green and blue."),
        (PRESETS["yellow"], "Yellow keeps red and green and removes blue."),
        (PRESETS["cyan"], "Cyan keeps green and blue and removes red."),
        (PRESETS["yellow"].at_strength(0.4), "Yellow keeps red and green and dims blue to 60 %."),
        (ColorFilter.from_hex("#ff8800"), "#ff8800 keeps red, dims green to 53 % and removes blue."),
        (ColorFilter("custom", (0, 0, 0)), "Custom removes all light."),
        (ColorFilter("custom", (1, 2, 254)), "Custom dims red to 1 %, green to 1 % and blue to 99 %."),
        (PRESETS["red"].at_strength(0), "Red keeps every color as it is."),
    ],
)  # fmt: skip
def test_what_a_filter_does_in_words(color_filter, words):
    assert color_filter.describe() == words
