"""Vision filters on pictures, against implementations that nobody here wrote: daltonlens, and coloraide for Machado."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
from coloraide import Color
from daltonlens import convert, simulate

from colorfilter import PRESETS, VISION, filter_image

KINDS = {
    "protan": simulate.Deficiency.PROTAN,
    "deutan": simulate.Deficiency.DEUTAN,
    "tritan": simulate.Deficiency.TRITAN,
}
TENTHS = [tenth / 10 for tenth in range(1, 10)]
LEVELS = np.arange(0, 256, 5, dtype=np.uint8)
CUBE = np.stack(np.meshgrid(LEVELS, LEVELS, LEVELS), axis=-1).reshape(len(LEVELS), -1, 3)
NOISE = np.random.default_rng(17).integers(0, 256, (241, 320, 3), np.uint8)
PICTURES = pytest.mark.parametrize("picture", [CUBE, NOISE], ids=["cube", "noise"])


def assert_within_a_level(picture, one, want):
    """`want` is in levels, cut off or not, as the reference has it."""
    assert np.abs(filter_image(picture, one).astype(float) - want).max() <= 1


def in_linear_light(picture, work):
    """What `work` makes of linear sRGB 0..1, in levels. The transfer functions are daltonlens's."""
    light = convert.linearRGB_from_sRGB(picture.astype(np.float64) / 255)
    return convert.sRGB_from_linearRGB(work(light)) * 255


@PICTURES
@pytest.mark.parametrize("name", ["protan", "deutan"])
def test_the_whole_loss_is_vienot(picture, name):
    want = simulate.Simulator_Vienot1999().simulate_cvd(picture, KINDS[name], 1.0)
    assert_within_a_level(picture, VISION[name], want)


@PICTURES
@pytest.mark.parametrize("severity", TENTHS)
@pytest.mark.parametrize("name", ["protan", "deutan"])
def test_each_tenth_of_severity_is_machado(picture, name, severity):
    want = simulate.Simulator_Machado2009().simulate_cvd(picture, KINDS[name], severity)
    assert_within_a_level(picture, VISION[name].at_strength(severity), want)


@PICTURES
@pytest.mark.parametrize("severity", [0.03, 0.15, 0.55, 0.85, 0.95, 0.999])
@pytest.mark.parametrize("name", ["protan", "deutan"])
def test_between_the_tenths_the_matrices_are_mixed(picture, name, severity):
    """The matrix as coloraide has it: what becomes of red, green and blue light alone."""
    columns = [
        Color("srgb-linear", list(light)).filter(name, severity, method="machado").coords() for light in np.eye(3)
    ]
    want = in_linear_light(picture, lambda light: light @ np.array(columns))
    assert_within_a_level(picture, VISION[name].at_strength(severity), want)


@pytest.mark.parametrize(("name", "mean", "most"), [("protan", 12, 115), ("deutan", 9, 120)])
def test_the_change_of_the_model_at_the_whole_loss_is_as_the_documentation_says(name, mean, most):
    machado = simulate.Simulator_Machado2009().simulate_cvd(CUBE, KINDS[name], 1.0).astype(int)
    apart = np.abs(filter_image(CUBE, VISION[name]) - machado)
    assert round(apart.mean()) == mean
    assert apart.max() == pytest.approx(most, abs=1)


@PICTURES
@pytest.mark.parametrize("severity", [0.05, 0.5, 0.95, 1.0])
def test_tritan_is_brettel_with_its_two_half_planes(picture, severity):
    want = simulate.Simulator_Brettel1997().simulate_cvd(picture, KINDS["tritan"], severity)
    assert_within_a_level(picture, VISION["tritan"].at_strength(severity), want)


def test_no_matrix_alone_is_tritan():
    """The best one is off by many levels, so the half planes are in the test pictures."""
    light = convert.linearRGB_from_sRGB(CUBE.reshape(-1, 3) / 255)
    tritan = VISION["tritan"].light_map
    seen = light @ tritan.a.T + np.maximum(0, light @ tritan.c)[:, np.newaxis] * tritan.b
    matrix, *_ = np.linalg.lstsq(light, seen, rcond=None)
    assert np.abs(light @ matrix - seen).max() > 0.05


@PICTURES
@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_achromat_is_luminance(picture, strength):
    """Y of CIE XYZ by coloraide, of red, green and blue light alone."""
    weights = [Color("srgb-linear", list(light)).convert("xyz-d65")["y"] for light in np.eye(3)]

    def seen(light):
        return strength * (light @ weights)[..., np.newaxis] + (1 - strength) * light

    assert_within_a_level(picture, VISION["achromat"].at_strength(strength), in_linear_light(picture, seen))


# What is not seen goes to the channels that are: Fidaner, Lin and Ozguven 2005, "Error Modification".
SHIFTS = {
    "protan": [[0, 0, 0], [0.7, 1, 0], [0.7, 0, 1]],
    "deutan": [[0, 0, 0], [0.7, 1, 0], [0.7, 0, 1]],
    "tritan": [[1, 0, 0.7], [0, 1, 0.7], [0, 0, 0]],
}


@PICTURES
@pytest.mark.parametrize("severity", [0.3, 1.0])
@pytest.mark.parametrize("name", KINDS)
def test_daltonize_adds_what_is_not_seen_to_what_is(picture, name, severity):
    model = simulate.Simulator_Brettel1997() if name == "tritan" else simulate.Simulator_Machado2009()
    if name != "tritan" and severity == 1:
        model = simulate.Simulator_Vienot1999()

    def moved(light):
        lost = light - model._simulate_cvd_linear_rgb(light, KINDS[name], severity)
        return light + lost @ np.array(SHIFTS[name]).T

    one = VISION[f"daltonize-{name}"].at_strength(severity)
    assert_within_a_level(picture, one, in_linear_light(picture, moved))


# Pairs that the viewer confuses, as seen by them: a quarter of the distance or less is left. Found with daltonlens.
@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("protan", "#c00000", "#4d4d00"),
        ("deutan", "#c83c28", "#787800"),
        ("tritan", "#0050a0", "#006060"),
    ],
)
def test_daltonized_colors_can_be_told_apart(name, one, other):
    """Distances are Euclidean in OKLab, by coloraide, of what the viewer sees by daltonlens."""
    pair = np.array([[tuple(bytes.fromhex(text[1:])) for text in (one, other)]], np.uint8)
    model = simulate.Simulator_Brettel1997() if name == "tritan" else simulate.Simulator_Vienot1999()

    def distance(picture):
        left, right = (Color("srgb", list(color / 255)) for color in picture[0])
        return left.delta_e(right, method="ok")

    def seen(picture):
        return distance(model.simulate_cvd(picture, KINDS[name], 1.0))

    assert seen(pair) < distance(pair) / 2
    assert seen(filter_image(pair, VISION[f"daltonize-{name}"])) > 2 * seen(pair)


@pytest.mark.parametrize("one", VISION.values(), ids=VISION)
@pytest.mark.parametrize("strength", [0.45, 1.0])
def test_greys_stay(one, strength):
    greys = np.arange(256, dtype=np.uint8).reshape(16, 16)
    one = one.at_strength(strength)
    assert np.array_equal(filter_image(greys, one), greys)
    three = greys[:, :, np.newaxis].repeat(3, axis=2)
    assert np.abs(filter_image(three, one).astype(int) - three).max() <= 1


@pytest.mark.parametrize("name", VISION)
def test_alpha_stays_and_the_picture_is_never_written(name):
    rgba = np.random.default_rng(1).integers(0, 256, (7, 11, 4), np.uint8)
    before = rgba.copy()
    out = filter_image(rgba[::-1], VISION[name])
    assert np.array_equal(out[:, :, :3], filter_image(np.ascontiguousarray(rgba[::-1, :, :3]), VISION[name]))
    assert np.array_equal(out[:, :, 3], before[::-1, :, 3])
    assert np.array_equal(rgba, before)


def test_a_picture_of_many_bands():
    wide = NOISE[:3].repeat(200, axis=1).repeat(9, axis=0)
    want = filter_image(NOISE[:3], VISION["tritan"]).repeat(200, axis=1).repeat(9, axis=0)
    assert np.array_equal(filter_image(wide, VISION["tritan"]), want)


@pytest.mark.parametrize("one", VISION.values(), ids=VISION)
def test_strength_0_is_no_filter_and_1_the_filter_itself(one):
    none = one.at_strength(0)
    assert none.color == PRESETS["original"].color
    assert np.array_equal(filter_image(NOISE, none), NOISE)
    assert none.describe() == f"{one.name.capitalize()} keeps every color as it is."
    assert one.color is None
    assert one.at_strength(1) == one
    assert one.at_strength(0.5).at_strength(0.5) == one.at_strength(0.25)


@pytest.mark.parametrize("one", VISION.values(), ids=VISION)
def test_more_strength_moves_a_color_further(one):
    """In steps of a twentieth, as the slider has; daltonize-tritan moves blue, the others red."""
    color = np.array([[(0, 64, 255) if "tritan" in one.name else (255, 32, 0)]], np.uint8)
    steps = [filter_image(color, one.at_strength(step / 20)).astype(int) for step in range(20)]
    moved = [np.abs(step - color).sum() for step in steps]
    assert moved[0] == 0
    assert all(after >= before - 3 for before, after in pairwise(moved))
    assert moved[-1] > 60


@pytest.mark.parametrize("strength", [-0.01, 1.01, float("nan")])
def test_a_strength_outside_0_to_1_is_refused(strength):
    with pytest.raises(ValueError, match="between 0 and 1"):
        VISION["protan"].at_strength(strength)


def test_it_goes_to_another_process():
    one = VISION["tritan"].at_strength(0.4)
    assert pickle.loads(pickle.dumps(one)) == one


# At 100 % and at 40 %.
WORDS = {
    "protan": ("Protan shows what people without red (L) cones see (Viénot 1999).",
     "Protan shows what people with shifted red (L) cones see, at 40 % severity (Machado 2009)."),
    "deutan": ("Deutan shows what people without green (M) cones see (Viénot 1999).",
     "Deutan shows what people with shifted green (M) cones see, at 40 % severity (Machado 2009)."),
    "tritan": ("Tritan shows what people without blue (S) cones see (Brettel 1997).",
     "Tritan takes each color 40 % of the way to what people without blue (S) cones see (Brettel 1997)."),
    "achromat": ("Achromat shows luminance alone: how light each color is.",
     "Achromat takes each color 40 % of the way to its luminance."),
    "daltonize-protan": ("Daltonize-protan moves colors so that people without red (L) cones tell red and "
     "green apart (Fidaner 2005, Viénot 1999).",
     "Daltonize-protan moves colors so that people with shifted red (L) cones tell red and "
     "green apart, at 40 % severity (Fidaner 2005, Machado 2009)."),
    "daltonize-deutan": ("Daltonize-deutan moves colors so that people without green (M) cones tell red and "
     "green apart (Fidaner 2005, Viénot 1999).",
     "Daltonize-deutan moves colors so that people with shifted green (M) cones tell red and "
     "green apart, at 40 % severity (Fidaner 2005, Machado 2009)."),
    "daltonize-tritan": ("Daltonize-tritan moves colors so that people without blue (S) cones tell blue and "
     "green apart (Fidaner 2005, Brettel 1997).",
     "Daltonize-tritan takes each color 40 % of the way to where people without blue (S) cones tell blue and "
     "green apart (Fidaner 2005, Brettel 1997)."),
}  # fmt: skip


@pytest.mark.parametrize("name", VISION)
def test_what_a_filter_does_in_words(name):
    assert tuple(VISION[name].at_strength(strength).describe() for strength in (1, 0.4)) == WORDS[name]
