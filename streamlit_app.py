"""The page: your webcam through a color filter, live. Read it from top to bottom, as it is seen.

Its rooms are in colorfilter/page/.
"""

import base64
from pathlib import Path

import streamlit as st

import colorfilter
from colorfilter import webrtc
from colorfilter.host import logs, sessions
from colorfilter.host.process import prepare_process
from colorfilter.host.settings import settings
from colorfilter.page import learn, live_mode, photo_mode, recording, selector, streamer

PACKAGE = Path(colorfilter.__file__).parent
ASSETS = PACKAGE / "page" / "assets"
LOGO = ASSETS / "logo.svg"

prepare_process()
# A connection lives for as long as it is shown, and a clip's file as long as the clip. Before anything is drawn.
live_mode.keep_connection(shown=st.session_state.get("mode") != "photo")
recording.keep_clip()
logs.configure_logging()
sessions.watch_session()
webrtc.install()
st.set_page_config("Color Filter", page_icon=str(LOGO), layout="wide")
st.html(ASSETS / "page.css")

# ---- Name, and the source on request ---------------------------------------------------------------------------

logo = base64.b64encode(LOGO.read_bytes()).decode()
header = f"""
    <header class="masthead">
      <img src="data:image/svg+xml;base64,{logo}" alt="">
      <h1>Color Filter</h1>
      <a href="?source" target="_blank">Source</a>
    </header>
"""
st.html(header + streamer.page_script(), unsafe_allow_javascript=True)

if "source" in st.query_params:
    for path in dict.fromkeys([Path(__file__), *sorted(PACKAGE.rglob("*.py"))]):
        st.subheader(str(path.relative_to(PACKAGE.parent)))
        st.code(path.read_text(), "python", line_numbers=True)
    st.stop()

for problem in settings().problems:
    st.warning(problem)
selector.warn_unknown_query_params()

# ---- The picture, and the selector beside it or, on a phone, below it -------------------------------------------

picture, beside = st.columns([3, 1], gap="medium")
learn.render()  # below both, whatever they show
with picture:
    mode, view = selector.choose_mode_and_view()
with beside:
    chosen, source, scope = selector.choose(mode, view)

with picture:
    if mode == "photo":
        live_mode.leave()
        photo_mode.render(chosen, scope)
    else:
        live_mode.render(chosen, source, scope)
