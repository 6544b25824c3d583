"""The app with a filter that fails on every third frame, for a test."""

import itertools
import runpy
from pathlib import Path

from colorfilter.live import picture
from colorfilter.views import video

if picture.render_frame is video.render_frame:
    frames = itertools.count(1)

    def failing(*args):
        if next(frames) % 3 == 0:
            raise RuntimeError("this filter fails on purpose")
        return video.render_frame(*args)

    picture.render_frame = failing

runpy.run_path(str(Path(__file__).parents[2] / "streamlit_app.py"), run_name="__main__")
