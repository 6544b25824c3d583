"""The app in which a viewer who sends nothing for eight seconds is gone, for a test."""

import runpy
from pathlib import Path

from colorfilter.webrtc import presence

presence.SILENCE_TIMEOUT_S = 8.0

runpy.run_path(str(Path(__file__).parents[2] / "streamlit_app.py"), run_name="__main__")
