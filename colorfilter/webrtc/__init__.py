"""The live engine (`engine/`), and everything that reaches into streamlit-webrtc and aioice.

`install` makes the stock engine sharp and quick, in any app that shows video by `webrtc_streamer`:

    import streamlit as st
    from streamlit_webrtc import webrtc_streamer
    from colorfilter import filter_frame, PRESETS, webrtc

    webrtc.install()
    webrtc_streamer(key="red", video_frame_callback=lambda frame: filter_frame(frame, PRESETS["red"]),
                    media_stream_constraints={"video": True, "audio": False}, async_processing=False)

Its connections then have the VP8 encoder for live video, the rate control, the newest frame instead of a queue, and a
cut run of the script does not close them.

Read in streamlit-webrtc 0.79 and aiortc 1.16, to whose minor versions requirements.txt holds them. What has moved in
those packages is left out, with one line in the log.
"""

from colorfilter.webrtc.encoding.live_codec import open_vp8
from colorfilter.webrtc.encoding.resolution import full_rate
from colorfilter.webrtc.patches import install
from colorfilter.webrtc.presence import Viewer
from colorfilter.webrtc.streamlit_webrtc_internals import end_connection

__all__ = ["Viewer", "end_connection", "full_rate", "install", "open_vp8"]
