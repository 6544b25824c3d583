"""The page that everyone writes first: a bgr24 callback behind `webrtc_streamer` with all defaults."""

import streamlit as st
from stock import only_red  # a script's own folder is where it imports from
from streamlit_webrtc import webrtc_streamer

width, height = (int(st.query_params.get(name, 0)) for name in ("width", "height"))

webrtc_streamer(
    key="live",
    video_frame_callback=only_red,
    media_stream_constraints={"video": {"width": {"ideal": width}, "height": {"ideal": height}}, "audio": False},
)
