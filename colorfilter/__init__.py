"""Color filters for pictures and live video: a filter is a color, the share of light that it lets through."""

from colorfilter.filters import PRESETS, ColorFilter, filter_image
from colorfilter.frames import filter_frame

__all__ = ["PRESETS", "ColorFilter", "filter_frame", "filter_image"]
