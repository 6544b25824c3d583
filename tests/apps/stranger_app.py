"""An app that is not ours, with the live engine: see colorfilter/webrtc/__init__.py."""

from streamlit_webrtc import webrtc_streamer

from colorfilter import PRESETS, filter_frame, webrtc

webrtc.install()
webrtc_streamer(
    key="red",
    video_frame_callback=lambda frame: filter_frame(frame, PRESETS["red"]),
    media_stream_constraints={"video": {"width": {"ideal": 1280}, "height": {"ideal": 720}}, "audio": False},
    async_processing=False,
)
