"""Color filters for pictures and live video: a filter is a color, the share of light that it lets through."""

from colorfilter.filters import PRESETS, ColorFilter, filter_image
from colorfilter.frames import filter_frame
from colorfilter.vision.picture import VISION, VisionFilter

__all__ = ["PRESETS", "VISION", "ColorFilter", "VisionFilter", "filter_frame", "filter_image"]
