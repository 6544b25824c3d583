"""One frame of a clip, as a small picture for the screen."""

from __future__ import annotations

from contextlib import closing
from io import BytesIO
from typing import cast

import cv2
import numpy as np
from av import VideoFrame

from colorfilter.clips.animation import BROKEN, animated_kind, duration_ms, open_animation
from colorfilter.clips.options import ClipError, ClipOptions, DamagedError
from colorfilter.clips.pictures import Pictures
from colorfilter.clips.reader import Reader
from colorfilter.clips.source import Clip, open_clip
from colorfilter.filters import Picture
from colorfilter.frames import to_rgb
from colorfilter.stills.photo import SCREEN_SIDE, fit
from colorfilter.views.options import ViewOptions

LOOK_BACK_S = 2.0  # in which the frame that is seen at a second has mostly come
MAX_ASPECT = 4  # of a sample; a file may claim any


def frame_at(data: bytes, second: float) -> Picture:
    """The clip's frame of that second, or the last one before: upright, unfiltered, uint8 RGB or RGBA (H, W, 3 or 4).

    Its longer side is at most SCREEN_SIDE pixels. Raises ClipError with a sentence.
    """
    if animated_kind(BytesIO(data)):
        return fit(_animation_frame(data, second), SCREEN_SIDE)
    for back in (LOOK_BACK_S, second):
        clip = open_clip(BytesIO(data))
        with closing(clip.container):
            at = min(second, clip.seconds or second)
            if (frame := _seen_at(clip, at, max(0.0, at - back))) is not None:
                return fit(_upright(clip, frame), SCREEN_SIDE)
    raise ClipError("There is no picture in this clip that can be decoded.")


def _seen_at(clip: Clip, second: float, start: float) -> VideoFrame | None:
    """The last frame up to that second of those since `start`; the clip's first one where it begins later."""
    seen: VideoFrame | None = None
    for item in Reader(clip, ClipOptions(start=start, salvage=True)).items():
        if isinstance(item, VideoFrame):
            if item.time is not None and item.time - float(clip.begin) > second:
                return item if seen is None and start == 0 else seen
            seen = item
    return seen


def _upright(clip: Clip, frame: VideoFrame) -> Picture:
    """The frame as players show it: turned, and with pixels that are square."""
    picture = to_rgb(Pictures(clip, frame, ViewOptions()).upright(frame))
    aspect = min(max(float(clip.video.sample_aspect_ratio or 1), 1 / MAX_ASPECT), MAX_ASPECT)
    if aspect == 1:
        return picture
    height, width = picture.shape[:2]
    turned = (height, width) != (frame.height, frame.width)
    size = (width, max(1, round(height * aspect))) if turned else (max(1, round(width * aspect)), height)
    return cast(Picture, cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _animation_frame(data: bytes, second: float) -> Picture:
    end = 0.0
    picture: Picture | None = None
    with open_animation(BytesIO(data)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            try:
                image.seek(number)
                image.load()
            except BROKEN:
                break
            picture = np.asarray(image.convert("RGBA"))
            end += duration_ms(image) / 1000
            if end > second:
                break
    if picture is None:
        raise DamagedError("The clip is damaged at its beginning.")
    return picture if picture[:, :, 3].min() < 255 else np.ascontiguousarray(picture[:, :, :3])
