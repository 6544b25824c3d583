import numpy as np
import pytest

from colorfilter import PRESETS
from colorfilter.stills.decode import PictureError, read_picture
from colorfilter.stills.pipeline import render_still
from colorfilter.views.options import VIEWS, ViewOptions
from colorfilter.views.still import render_image
from tests.support.pictures import blocks, saved


def test_bytes_in_filtered_bytes_out():
    png = render_still(saved(blocks()), ViewOptions(PRESETS["red"]))
    want = blocks().copy()
    want[:, :, 1:] = 0
    assert png.startswith(b"\x89PNG")
    assert np.array_equal(read_picture(png), want)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view(view):
    options = ViewOptions(PRESETS["cyan"], view=view, line=0.25)
    assert np.array_equal(read_picture(render_still(saved(blocks()), options)), render_image(blocks(), options))


def test_what_is_no_picture_is_the_readers_sentence():
    with pytest.raises(PictureError, match="not a picture that can be read"):
        render_still(b"no picture", ViewOptions())
