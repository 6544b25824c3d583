import numpy as np
import pytest

from colorfilter.views.layout import grid, line_at, line_patch, name_patch, tile_size, tiles


@pytest.mark.parametrize(("share", "column"), [(-1, 0), (0, 0), (0.5, 320), (0.3, 192), (1, 640), (7, 640)])
def test_the_line_stands_at_an_even_column_inside(share, column):
    assert line_at(640, share) == column


@pytest.mark.parametrize("height", [1, 240, 480, 1080])
def test_the_line_is_white_between_black(height):
    patch = line_patch(height)
    stripe = patch.shape[1] // 3
    assert patch.shape == (height, 3 * stripe)
    assert np.all(patch == [0] * stripe + [255] * stripe + [0] * stripe)
    assert stripe % 2 == 0


@pytest.mark.parametrize(("count", "columns", "rows", "size"), [(6, 3, 2, (212, 160)), (4, 2, 2, (320, 240))])
def test_the_tiles_cover_the_sheet_once(count, columns, rows, size):
    assert grid(count) == (columns, rows)
    width, height = tile_size(641, 480, columns, even=2)
    sheet = np.zeros((rows * height, columns * width), int)
    for number, place in enumerate(tiles(width, height, count), 1):
        sheet[place] += number
    assert (width, height) == size
    assert sorted(np.unique(sheet)) == list(range(1, count + 1))
    assert sheet[0, 0] == 1
    assert sheet[0, -1] == columns
    assert sheet[-1, 0] == columns + 1


def test_a_name_is_written_with_letters_of_a_readable_height():
    """At 480p a tile has 160 lines: a capital is to have 10 of them at least, so that it is read on a phone too."""
    patch = name_patch("Pink", 160)
    lines = np.flatnonzero((patch > 128).any(axis=1))
    assert lines[-1] - lines[0] + 1 >= 10
    assert not np.array_equal(patch, name_patch("Pink", 160)[:, ::-1])
    assert [side % 2 for side in patch.shape] == [0, 0]
