"""What the section for learners shows, and that it costs nothing until it is opened."""

import inspect

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from colorfilter import PRESETS, VISION, filter_image
from colorfilter.filters import multiply
from colorfilter.page import learn
from colorfilter.stills import drawing
from colorfilter.stills.decode import read_picture
from tests.support.lesson import LIGHTS, at

SHOWN = [*PRESETS.values(), *(VISION[name] for name in ("protan", "deutan", "tritan"))]


# Where light of those colors is to be seen: how far from the middle of the picture, in its sizes, and at what angle.
def test_the_lights_add_up():
    picture = read_picture(learn.lights_png())
    for name, (share, degrees) in LIGHTS.items():
        assert at(picture, share, degrees) == [*PRESETS[name].color, 255]


@pytest.mark.parametrize("name", PRESETS)
def test_each_wheel_has_the_light_that_its_filter_keeps_and_no_other(name):
    picture, wheel = (read_picture(learn.wheel_png(of)) for of in (name, "original"))
    for channel, share in enumerate(PRESETS[name].color):
        assert np.array_equal(picture[:, :, channel], wheel[:, :, channel] * (share // 255))
    assert np.array_equal(picture[:, :, 3], wheel[:, :, 3])


def test_the_source_is_that_of_the_function_that_runs():
    assert inspect.getsource(multiply) in learn.source()
    shown = dict(vars(inspect.getmodule(multiply)))
    exec(learn.source(), shown)
    assert shown["multiply"] is not multiply
    pixels = np.random.default_rng(0).integers(0, 256, (9, 9, 3), np.uint8)
    for color_filter in PRESETS.values():
        assert np.array_equal(shown["multiply"](pixels, color_filter.color), filter_image(pixels, color_filter))


def page():
    from colorfilter.page import learn

    learn.render()


def test_nothing_is_made_before_it_is_opened_and_each_picture_once(monkeypatch):
    drawn = []
    for name in ("wheel", "mixing_lights"):
        draw = getattr(drawing, name)
        monkeypatch.setattr(drawing, name, lambda size, draw=draw, name=name: drawn.append(name) or draw(size))
    for cached in (learn._wheel, learn.wheel_png, learn.lights_png):
        cached.cache_clear()
    app = AppTest.from_function(page, default_timeout=20).run()
    assert not app.exception
    assert (len(app.markdown), len(app.get("image")), len(app.code), drawn) == (0, 0, 0, [])
    for _ in range(3):
        app.session_state.learn = True
        app.run()
        assert not app.exception
        assert (len(app.get("image")), len(app.code)) == (1 + len(SHOWN), 1)
        assert drawn == ["mixing_lights", "wheel"]


def test_it_tells_what_cones_are_and_what_a_simulation_cannot_show():
    app = AppTest.from_function(page, default_timeout=20)
    app.session_state.learn = True
    words = " ".join(one.value for one in app.run().markdown)
    for part in ("cones", "L, M and S", "cannot"):
        assert part in words


def test_each_picture_is_put_in_words():
    app = AppTest.from_function(page, default_timeout=20)
    app.session_state.learn = True
    app.run()
    words = [image.proto.imgs[0].alt for image in app.get("image")]
    assert words[0].startswith("Three discs of light overlap")
    assert words[1:] == [f"The color wheel through a filter: {f.describe()}" for f in SHOWN]
