"""The one path of a still: bytes in, picture, filter, bytes out. The page, the API and the command line take it."""

from __future__ import annotations

from colorfilter.stills.decode import read_picture
from colorfilter.stills.png import write_png
from colorfilter.views.options import ViewOptions
from colorfilter.views.still import render_image


def render_still(data: bytes, options: ViewOptions) -> bytes:
    """Render a picture file with the view options, every pixel of it, to a PNG file without metadata.

    Raises what `read_picture` raises: PictureTooLarge above the limits, PictureError for whatever cannot be read.
    """
    return write_png(render_image(read_picture(data), options))
