import pytest

from colorfilter.webrtc import open_vp8
from colorfilter.webrtc.encoding import vp8
from tests.support.moving import noisy_frames


@pytest.mark.parametrize("size", [(2, 2), (640, 480), (1920, 1080)])
def test_the_size_stands_in_a_key_frame_alone(size):
    codec = open_vp8(*size, 800_000)
    first, second = (b"".join(bytes(part) for part in codec.encode(frame)) for frame in noisy_frames(2, *size))
    assert vp8.key_frame_size(first) == size
    assert vp8.key_frame_size(second) is None
    assert vp8.key_frame_size(b"") is None
