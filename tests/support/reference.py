"""What a filter must do, in floating point from the definitions alone: the tests' independent reference."""

import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange

# ITU-R BT.601: E'Y = 0.299 R + 0.587 G + 0.114 B; Y = 16 + 219 E'Y; C = 128 + 224 E'C, all of full scale 0..1.
KR, KG, KB = 0.299, 0.587, 0.114


def read_planes(frame):
    """Y, U, V of a yuv420p frame as float64 arrays, line padding cut off."""
    shapes = [(frame.height, frame.width)] + 2 * [((frame.height + 1) // 2, (frame.width + 1) // 2)]
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:h, :w].astype(np.float64)
        for plane, (h, w) in zip(frame.planes, shapes, strict=True)
    ]


def make_frame(width, height, fill, pix_fmt="yuv420p"):
    """A frame whose planes, padding included, are set by `fill(shape) -> uint8 array`."""
    frame = VideoFrame(width, height, pix_fmt)
    for plane in frame.planes:
        samples = np.frombuffer(plane, np.uint8)
        samples[:] = fill(samples.shape)
    return frame


def to_rgb(y, u, v):
    """Limited-range planes to clipped RGB 0..255, (H, W, 3) float64."""
    height, width = y.shape
    u, v = (c.repeat(2, 0).repeat(2, 1)[:height, :width] for c in (u, v))
    luma, cb, cr = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    red = luma + 2 * (1 - KR) * cr
    blue = luma + 2 * (1 - KB) * cb
    green = (luma - KR * red - KB * blue) / KG
    return np.clip(np.stack([red, green, blue], axis=2), 0, 1) * 255


def from_rgb(rgb):
    """RGB 0..255 to exact planes, chroma averaged over 2x2 pixels (over those there are, at an odd edge)."""
    red, green, blue = np.moveaxis(rgb / 255, 2, 0)
    luma = KR * red + KG * green + KB * blue
    cb, cr = (blue - luma) / (2 * (1 - KB)), (red - luma) / (2 * (1 - KR))
    return 16 + 219 * luma, 128 + 224 * halve(cb), 128 + 224 * halve(cr)


def halve(plane):
    height, width = plane.shape
    plane = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    return plane.reshape(plane.shape[0] // 2, 2, plane.shape[1] // 2, 2).mean((1, 3))


def filtered_planes(frame, color):
    """The exact planes of the frame under a filter of that color."""
    return from_rgb(to_rgb(*read_planes(frame)) * (np.array(color) / 255))


def noise(seed=0):
    """What fills a plane of a shape, for `make_frame`."""
    rng = np.random.default_rng(seed)
    return lambda shape: rng.integers(0, 256, shape, np.uint8)


def tagged(frame, tag, full):
    """The frame, tagged with a matrix as FFmpeg numbers it, and its range."""
    frame.colorspace, frame.color_range = tag, ColorRange.JPEG if full else ColorRange.MPEG
    frame.color_primaries, frame.color_trc = 9, 14
    return frame
