"""Frames in planar YUV: what their samples mean, chroma that pixels share, and a color filter on the planes."""

from colorfilter.yuv.chroma import Plane, average, sampling, widened
from colorfilter.yuv.coding import (
    BT470BG,
    BT601_LIMITED,
    BT709,
    KR_KB,
    SMPTE170M,
    UNSPECIFIED,
    YuvCoding,
    yuv_coding,
)
from colorfilter.yuv.color_planes import SCALE, channels_of, filter_color_planes

__all__ = [
    "BT470BG",
    "BT601_LIMITED",
    "BT709",
    "KR_KB",
    "SCALE",
    "SMPTE170M",
    "UNSPECIFIED",
    "Plane",
    "YuvCoding",
    "average",
    "channels_of",
    "filter_color_planes",
    "sampling",
    "widened",
    "yuv_coding",
]
