"""The open encoder of live pictures. Its rates and sizes are in test_encoder.py."""

import av

from colorfilter.webrtc.encoding.live_codec import LibvpxCodec
from tests.support.moving import shapes


def test_after_each_key_frame_edges_are_smoothed_for_half_a_second():
    """RFC 6386, section 9.1: the version that a frame names, and whether it is a key frame."""
    codec = LibvpxCodec(320, 240, 900_000)
    frame = av.VideoFrame.from_ndarray(shapes(320, 240, [(8, 40)]), "rgb24").reformat(format="yuv420p")
    pictures = [codec.encode(frame, i == 40, i / 30) for i in range(70)]
    kinds = [(picture[0] >> 1 & 7, not picture[0] & 1) for picture in pictures]
    key_frame = [(0, True)] + [(0, False)] * 14
    assert kinds == key_frame + [(1, False)] * 25 + key_frame + [(1, False)] * 15
