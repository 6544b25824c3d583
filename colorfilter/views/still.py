"""The views of a frame for a still picture, uint8 RGB (H, W, 3) or RGBA (H, W, 4): what is seen is what is saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np

from colorfilter.filters import Filter, Picture, filter_image
from colorfilter.views.layout import Patch, grid, line_at, line_patch, name_patch, tile_size, tiles
from colorfilter.views.options import COLOR_SHEET, View, ViewOptions


def render_image(image: Picture, options: ViewOptions) -> Picture:
    """Render the still picture with the visitor's options: a new array, never mirrored."""
    if options.view == View.COMPARE:
        return compared_image(image, options.color_filter, options.line)
    if options.view == View.ALL:
        return sheet_image(image, options.sheet)
    return filter_image(image, options.color_filter)


def compared_image(image: Picture, color_filter: Filter, line: float) -> Picture:
    """The original left of a line and the filtered picture right of it, a new array of the same shape."""
    middle = line_at(image.shape[1], line)
    view = image.copy()
    view[:, middle:] = filter_image(image[:, middle:], color_filter)
    mark = line_patch(len(view))
    _paint(view, mark, middle - mark.shape[1] // 2)
    return view


def sheet_image(image: Picture, filters: Sequence[Filter] = COLOR_SHEET) -> Picture:
    """The whole picture once through each filter, whose name is on it, in the columns and rows of `layout.grid`."""
    columns, rows = grid(len(filters))
    width, height = tile_size(image.shape[1], image.shape[0], columns)
    small = cast(Picture, cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))
    sheet = np.empty((rows * height, columns * width, image.shape[2]), np.uint8)
    for place, color_filter in zip(tiles(width, height, len(filters)), filters, strict=True):
        sheet[place] = filter_image(small, color_filter)
        _paint(sheet[place], name_patch(color_filter.name.capitalize(), height))
    return sheet


def _paint(image: Picture, patch: Patch, left: int = 0) -> None:
    """Paint an opaque patch at the top of the picture. What would lie outside is left out."""
    patch = patch[:, max(0, -left) :]
    place = image[: patch.shape[0], max(0, left) : max(0, left) + patch.shape[1]]
    patch = patch[: place.shape[0], : place.shape[1]]
    place[:, :, :3] = patch[:, :, np.newaxis]
    place[:, :, 3:] = 255
