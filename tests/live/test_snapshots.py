import io
import zipfile

import numpy as np
import pytest

from colorfilter.live.snapshots import MAX_SNAPSHOTS, Snapshots
from colorfilter.stills.decode import read_picture
from tests.support import reference


def frame(level, width=64, height=48):
    return reference.make_frame(width, height, lambda shape: np.full(shape, level, np.uint8))


def taken(count):
    snapshots = Snapshots()
    for i in range(count):
        snapshots.take(frame(100 + i))
    return snapshots


def numbers(snapshots):
    return [snapshot.number for snapshot in snapshots.all]


def test_the_newest_comes_first_and_only_the_last_six_stay():
    assert numbers(taken(0)) == []
    assert numbers(taken(3)) == [3, 2, 1]
    assert MAX_SNAPSHOTS == 6
    assert numbers(taken(8)) == [8, 7, 6, 5, 4, 3]


def test_deleting_one_keeps_the_others_and_no_number_comes_twice():
    snapshots = taken(3)
    snapshots.delete(2)
    snapshots.delete(2)
    snapshots.take(frame(50))
    assert numbers(snapshots) == [4, 3, 1]


def test_the_picture_is_the_frame_at_its_full_size():
    """Noise in Y, U and V, against the definition: within the rounding, and PNG adds nothing to it."""
    rng = np.random.default_rng(0)
    seen = reference.make_frame(321, 181, lambda shape: rng.integers(0, 256, shape, np.uint8))
    snapshots = Snapshots()
    snapshots.take(seen)
    [snapshot] = snapshots.all
    assert (snapshot.name, snapshot.size) == ("snapshot-1.png", "321 × 181")
    want = reference.to_rgb(*reference.read_planes(seen))
    assert np.abs(read_picture(snapshot.png()) - want).max() <= 0.55


def test_the_thumbnail_is_small():
    snapshots = Snapshots()
    snapshots.take(frame(128, 1280, 720))
    thumbnail = read_picture(snapshots.all[0].thumbnail)
    assert thumbnail.shape == (180, 320, 3)
    assert np.abs(thumbnail - 130.4).max() <= 2  # luma 128 of 16..235


@pytest.mark.parametrize(("width", "shown"), [(640, (480, 640)), (1920, (720, 1280))])
def test_the_large_one_is_as_large_as_the_frame_and_at_most_1280_wide(width, shown):
    snapshots = Snapshots()
    snapshots.take(frame(100, width, shown[0] * width // shown[1]))
    assert read_picture(snapshots.all[0].large).shape[:2] == shown


def test_all_in_one_zip():
    with zipfile.ZipFile(io.BytesIO(taken(7).zip())) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"snapshot-{i}.png" for i in (7, 6, 5, 4, 3, 2)]
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        for snapshot in taken(7).all:
            assert archive.read(snapshot.name) == snapshot.png()
