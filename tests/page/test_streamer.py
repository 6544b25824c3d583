import pytest

from colorfilter.page import streamer


@pytest.mark.parametrize(("name", "width", "height"), [("480p", 640, 480), ("720p", 1280, 720), ("1080p", 1920, 1080)])
def test_the_camera_is_wished_for_never_demanded(name, width, height):
    wanted = streamer.camera_constraints(name)
    assert wanted["audio"] is False
    assert wanted["video"]["width"] == {"ideal": width}
    assert wanted["video"]["height"] == {"ideal": height}
    assert wanted["video"]["facingMode"] == {"ideal": "user"}
    assert all(list(wish) == ["ideal"] for wish in wanted["video"].values())
