import re

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


def test_the_page_script_carries_every_sentence_and_ends_no_script_early():
    script = streamer.page_script()
    for _, sentence in streamer.CAMERA_ERRORS.values():
        assert sentence in script
    assert script.count("</script>") == 1


def test_the_page_script_has_nothing_like_a_tag_for_which_streamlit_would_leave_it_out():
    """DOMPurify drops an element whose text has what looks like one."""
    words = streamer.page_script().removeprefix("<script>").removesuffix("</script>")
    assert re.findall(r"<[/\w!]", words) == []
