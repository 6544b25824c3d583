"""Everything that has to do with the insides of streamlit-webrtc and aiortc.

Read in streamlit-webrtc 0.79 and aiortc 1.16, to whose minor versions requirements.txt holds them. `install` takes
each step that makes the stock engine sharp and quick; one whose place in those packages has moved is left out.
"""

from colorfilter.webrtc import turn
from colorfilter.webrtc.connection import Viewer, end_connection, keep_connection
from colorfilter.webrtc.encoder import full_rate, open_vp8
from colorfilter.webrtc.patches import install

__all__ = ["Viewer", "end_connection", "full_rate", "install", "keep_connection", "open_vp8", "turn"]
