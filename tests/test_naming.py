import io

import numpy as np
import pytest
from coloraide.everything import ColorAll
from PIL import Image, ImageColor

from colorfilter.naming import color_name, color_names

RNG = np.random.default_rng(17)


def test_each_name_of_the_list_is_the_name_of_its_own_color():
    assert len(color_names()) == 164
    for name, color in color_names().items():
        assert color_name(color) == name


def test_the_nearest_of_the_list_in_din99o_each_time():
    """By coloraide's own search over the list, which measures each pair."""
    named = {name: ColorAll("srgb", [c / 255 for c in color]) for name, color in color_names().items()}
    css = [list(ImageColor.getrgb(name)) for name in ImageColor.colormap]
    for color in [*RNG.integers(0, 256, (40, 3)).tolist(), *css]:
        wanted = ColorAll("srgb", [c / 255 for c in color])
        distances = {name: wanted.delta_e(other, method="99o") for name, other in named.items()}
        assert distances[color_name(tuple(color))] == pytest.approx(min(distances.values()))


# What a person says of each; the colors are those of things in the light of a room.
SWATCHES = {
    "a brick": ((150, 70, 55), {"red brown", "brown red", "brick red"}),
    "an orange": ((235, 130, 40), {"orange"}),
    "a fir": ((45, 75, 35), {"forest green", "dark green"}),
    "the sky": ((130, 180, 225), {"sky blue", "light blue"}),
    "a navy suit": ((30, 35, 75), {"navy", "navy blue", "dark blue"}),
    "a pink shirt": ((235, 150, 180), {"pink", "light pink"}),
    "chocolate": ((70, 45, 35), {"dark brown", "very dark brown"}),
    "a grey wall": ((150, 150, 148), {"grey"}),
    "a black coat": ((25, 25, 27), {"black"}),
    "a turquoise scarf": ((60, 190, 185), {"turquoise"}),
    "a lemon": ((240, 220, 70), {"yellow", "bright yellow", "light yellow"}),
    "a ripe tomato": ((190, 40, 35), {"red", "deep red"}),
    "wet sand": ((205, 180, 140), {"tan", "beige", "very light brown"}),
}


@pytest.mark.parametrize("thing", SWATCHES)
def test_swatches_under_noise_and_jpeg_get_the_name_that_a_person_gives(thing):
    """A camera's noise of 6 levels, light that falls off by 6 %, JPEG of quality 75; the mean of 11x11 pixels."""
    color, names = SWATCHES[thing]
    light = np.linspace(1.03, 0.97, 64)[np.newaxis, :, np.newaxis]
    picture = np.array(color) * light + RNG.normal(0, 6, (64, 64, 3))
    file = io.BytesIO()
    Image.fromarray(picture.clip(0, 255).round().astype(np.uint8)).save(file, "JPEG", quality=75)
    decoded = np.asarray(Image.open(file))
    for y, x in ((32, 32), (20, 40), (44, 22)):
        mean = decoded[y - 5 : y + 6, x - 5 : x + 6].mean((0, 1))
        assert color_name(tuple(round(c) for c in mean)) in names


def test_the_name_stays_while_the_color_is_about_as_near_to_it():
    """Halfway between two names, noise of a level changes the nearest one, not the name that is shown."""
    red, orange = (np.array(color_names()[name]) for name in ("red", "orange"))
    path = [tuple(np.rint(red + (orange - red) * share).astype(int).tolist()) for share in np.linspace(0, 1, 400)]
    border = next(i for i, color in enumerate(path) if color_name(color) != "red")
    before, after = path[border - 1], path[border]
    assert color_name(after) != color_name(before)
    shown, seen = "red", set()
    for color in [before, after] * 4:
        shown = color_name(color, shown)
        seen.add(shown)
    assert seen == {"red"}
    assert color_name(path[-1], "red") == "orange"
