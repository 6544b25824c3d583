import pytest

from colorfilter.host import metrics
from colorfilter.webrtc.engine.picture_gate import MAX_PICTURE_PIXELS
from tests.support import figures


@pytest.fixture
def on(monkeypatch):
    monkeypatch.setattr(metrics, "_enabled", False)  # as it is put back
    metrics.enable()


def of_frames():
    seen = figures.here()
    return [seen[f"colorfilter_filter_seconds_{name}"] for name in ("count", "sum")]


def of_pictures():
    """Sum of pixels, and how many pictures were decoded: within the limit of all, and in all."""
    seen = figures.here()
    return [seen[f"colorfilter_picture_pixels_{name}"] for name in ("sum", f"bucket[{MAX_PICTURE_PIXELS:g}]", "count")]


def test_while_they_are_off_no_frame_is_counted(monkeypatch):
    monkeypatch.setattr(metrics, "_enabled", False)
    before = of_frames(), of_pictures()
    metrics.observe_frame(0.003)
    metrics.observe_picture(5)
    assert (of_frames(), of_pictures()) == before


@pytest.mark.usefixtures("on")
def test_each_frame_is_counted_with_its_time():
    count, seconds = of_frames()
    metrics.observe_frame(0.003)
    metrics.observe_frame(0.05)
    assert of_frames() == [count + 2, pytest.approx(seconds + 0.053)]


@pytest.mark.usefixtures("on")
def test_each_decoded_picture_is_counted_with_its_pixels():
    pixels, within, count = of_pictures()
    metrics.observe_picture(MAX_PICTURE_PIXELS)
    metrics.observe_picture(MAX_PICTURE_PIXELS + 1)
    assert of_pictures() == [pixels + 2 * MAX_PICTURE_PIXELS + 1, within + 1, count + 2]
