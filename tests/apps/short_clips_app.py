"""The app with clips of three seconds at most, for a test."""

import runpy
from pathlib import Path

from colorfilter.live import recorder

recorder.MAX_CLIP_S = 3

runpy.run_path(str(Path(__file__).parents[2] / "streamlit_app.py"), run_name="__main__")
