"""A cut is seen, and a still scene that begins to move; noise and steady motion are none."""

import av

from colorfilter.frames import planes
from colorfilter.webrtc.encoding.scene_cut import SceneCutDetector
from tests.support.moving import hard_scene, noisy_frames


def cuts(frames):
    detector = SceneCutDetector()
    return [i for i, frame in enumerate(frames) if detector.is_cut(frame)]


def test_the_one_cut_of_a_scene_is_found_and_its_motion_is_none():
    assert cuts(hard_scene(640, 480, 1)) == [30]


def test_noise_alone_is_no_cut_however_strong():
    assert cuts(noisy_frames(30, 160, 120)) in ([], [1])  # the first difference there is


def test_another_size_is_no_cut_and_a_frame_may_be_smaller_than_a_step():
    frames = [av.VideoFrame(*size, "yuv420p") for size in ((64, 48), (32, 24), (4, 2), (4, 2))]
    for frame, level in zip(frames, (20, 200, 60, 120), strict=True):
        for plane in planes(frame):
            plane[:] = level
    assert cuts(frames) == []
