"""The app with a filter that fails on every third frame, for a test."""

import itertools
import runpy
from pathlib import Path

from colorfilter.views import options, video

if options.filtered_view is video.filtered_view:
    frames = itertools.count(1)

    def failing(*args):
        if next(frames) % 3 == 0:
            raise RuntimeError("this filter fails on purpose")
        return video.filtered_view(*args)

    options.filtered_view = failing

runpy.run_path(str(Path(__file__).parents[2] / "streamlit_app.py"), run_name="__main__")
