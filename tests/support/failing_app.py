"""The app with a filter that fails on every third frame, for a test."""

import itertools
import runpy
from pathlib import Path

from colorfilter import chosen, views

if chosen.filtered_view is views.filtered_view:
    frames = itertools.count(1)

    def failing(*args):
        if next(frames) % 3 == 0:
            raise RuntimeError("this filter fails on purpose")
        return views.filtered_view(*args)

    chosen.filtered_view = failing

runpy.run_path(str(Path(__file__).parents[2] / "streamlit_app.py"), run_name="__main__")
