"""The page: your webcam through a color filter, live. Read it from top to bottom, as it is seen.

Its rooms are in colorfilter/page/.
"""

import base64
from pathlib import Path

import streamlit as st

import colorfilter
from colorfilter import webrtc
from colorfilter.host import logs, sessions, streamlit_runs
from colorfilter.host.process import freeze_garbage_collector, prepare_process
from colorfilter.host.settings import settings
from colorfilter.host.streamlit_internals import keep_uploads_in_memory, never_ask_for_own_address
from colorfilter.host.uploads import limit_uploads
from colorfilter.page import clip_making, file_mode, learn, live_mode, recording, selector
from colorfilter.page.components import booth, full_screen, keys, reconnecting, stage_shape, streamer_document
from colorfilter.page.session import Mode

PACKAGE = Path(colorfilter.__file__).parent
ASSETS = PACKAGE / "page" / "assets"
LOGO = ASSETS / "logo.svg"

prepare_process()
freeze_garbage_collector()
keep_uploads_in_memory()
limit_uploads()
never_ask_for_own_address()
streamlit_runs.install()
# A connection lives for as long as it is shown, and a clip's file as long as the clip. Before anything is drawn.
live_mode.end_other_connections(shown=st.session_state.get("mode") != Mode.FILE)
recording.keep_clip()
clip_making.keep_made_clip()
logs.configure_logging()
sessions.watch_session()
webrtc.install()
st.set_page_config("Color Filter", page_icon=str(LOGO), layout="wide")
st.html(ASSETS / "page.css")

# ---- Name and mode ---------------------------------------------------------------------------------------------

logo = base64.b64encode(LOGO.read_bytes()).decode()
header = f"""
    <header class="masthead">
      <img src="data:image/svg+xml;base64,{logo}" alt="">
      <h1>Color Filter</h1>
    </header>
"""
head = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="head")
head.html(header, width="content")

if "source" in st.query_params:
    for path in dict.fromkeys([Path(__file__), *sorted(PACKAGE.rglob("*.py"))]):
        st.subheader(str(path.relative_to(PACKAGE.parent)))
        st.code(path.read_text(encoding="utf-8"), "python", line_numbers=True)
    st.stop()

with st.container():  # always there: what stands below keeps its place, and a running video its document
    for problem in settings().problems:
        st.warning(problem)
    selector.warn_unknown_query_params()
with head:
    mode = selector.choose_mode()
    keys.mount()
with st.container(key="components"):  # they draw nothing here: see page.css
    for component in (streamer_document, reconnecting, stage_shape, booth, full_screen):
        component.mount()

# ---- The picture, and the colors beside it or, on a phone, under it; then everything else ------------------------

picture, beside = st.columns([3, 1], gap="medium")
below = st.container(key="below")
learn.render()
st.html('<footer class="foot"><a href="?source" target="_blank">Source</a></footer>')

with beside:
    chosen, source, scope = selector.choose(mode)

if mode == Mode.FILE:
    live_mode.leave()
    file_mode.render(chosen, scope, picture, below)
else:
    file_mode.forget_clip()
    live_mode.render(chosen, source, scope, picture, below)
