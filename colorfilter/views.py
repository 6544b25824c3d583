"""What a frame shows: the filtered picture, mirrored or not."""

from __future__ import annotations

import cv2
from av import VideoFrame

from colorfilter.filters import ColorFilter
from colorfilter.frames import filter_frame, planes


def filtered_view(frame: VideoFrame, color_filter: ColorFilter, mirror: bool) -> VideoFrame:
    """The frame through the filter, left and right exchanged if `mirror`.

    Takes any pixel format that `filter_frame` takes; returns a new yuv420p frame of the same size and time stamp.
    """
    view = filter_frame(frame, color_filter)
    if mirror:
        for plane in planes(view):
            cv2.flip(plane, 1, dst=plane)
    return view
