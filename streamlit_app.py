"""The page: your webcam through a color filter, live. Read it from top to bottom, as it is seen."""

import base64
import os
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import streamlit as st
from streamlit_webrtc import WebRtcMode, webrtc_streamer

from colorfilter import PRESETS, ColorFilter, ice, learn, photo_mode, recording, streamer, view_widgets, webrtc
from colorfilter.capacity import CORES, Place, Places, max_live_from
from colorfilter.downloads import download_button
from colorfilter.live import LivePicture
from colorfilter.providers import Providers
from colorfilter.settings import VIEWS, Settings
from colorfilter.snapshots import Snapshot, Snapshots
from colorfilter.testcard import TestCardTrack
from colorfilter.views import SIX

HERE = Path(__file__).parent
LOGO = HERE / "assets" / "logo.svg"
DEFAULT_RESOLUTION = "720p"
PATIENCE = 10  # seconds after which a connection that does not come up needs a word
LOOK_EVERY = 300  # seconds after which a page without video looks whether its TURN credentials are old

MODES = ["live", "photo"]
# Where live pictures come from, and the key of the streamer that shows them.
INPUTS = {"camera": "live", "test card": "card"}


def setting(name: str) -> object:
    """A setting of the host's, from the secrets or the environment; None if it is in neither."""
    try:
        return st.secrets[name]
    except (KeyError, FileNotFoundError):
        return os.environ.get(f"COLORFILTER_{name.upper()}")


def unreadable_secrets() -> list[str]:
    """A sentence if there are secrets that cannot be read; the environment alone then counts."""
    try:
        len(st.secrets)
    except FileNotFoundError as error:
        if str(error).startswith("Error parsing"):
            sentence = f"secrets.toml cannot be read: {str(error).rsplit(': ', 1)[-1]}."
            ice.log_once(sentence)
            return [sentence]
    return []


# A connection lives for as long as it is shown. Known here before anything is drawn: see keep_connection.
for input_name, key in INPUTS.items():
    if st.session_state.get("mode") != "photo" and st.session_state.get("input", "camera") == input_name:
        webrtc.keep_connection(key)
    else:
        webrtc.end_connection(key)
recording.keep_clip()
webrtc.install()
st.set_page_config("Color Filter", page_icon=str(LOGO), layout="wide")
st.html(HERE / "assets" / "page.css")

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
    for path in [Path(__file__), *sorted((HERE / "colorfilter").rglob("*.py"))]:
        st.subheader(str(path.relative_to(HERE)))
        st.code(path.read_text(), "python", line_numbers=True)
    st.stop()

# ---- What the link asked for and we do not know ----------------------------------------------------------------

FILTERS = [*PRESETS, "custom"]
SCOPE_HELP = (
    "How much red, green and blue the picture has: from dark on the left to bright on the right, the outline before "
    "the filter, filled after it, with the mean brightness of each, 0 to 255."
)
CHOICES = {
    "mode": MODES,
    "view": VIEWS,
    "filter": FILTERS,
    "input": list(INPUTS),
    "resolution": list(streamer.RESOLUTIONS),
}


def unknown_choices() -> list[str]:
    """A sentence for each value in the link that is none of ours; the widgets below fall back to their defaults."""
    return [
        f"There is no {key} called “{st.query_params[key]}”; the choices are {', '.join(choices)}."
        for key, choices in CHOICES.items()
        if st.query_params.get(key, choices[0]) not in choices
    ]


def forget_unknown_choices() -> None:
    st.session_state.unknown_choices = []


if "unknown_choices" not in st.session_state:
    st.session_state.unknown_choices = unknown_choices()
for sentence in st.session_state.unknown_choices:
    st.info(sentence, icon=":material/info:")

# ---- What is shown, the selector beside it or, on a phone, below it ---------------------------------------------


picture, selector = st.columns([3, 1], gap="medium")
learn.show()  # below both, whatever they show
with picture, st.container(horizontal=True, horizontal_alignment="distribute"):
    mode = st.segmented_control(
        "Mode",
        MODES,
        default="live",
        required=True,
        key="mode",
        bind="query-params",
        label_visibility="collapsed",
        on_change=forget_unknown_choices,
    )
    view = view_widgets.choose_view(on_change=forget_unknown_choices)


def share(**chosen: object) -> None:
    """A link that opens with what is chosen now; what is chosen anyway is left out."""
    usual = {"mode": MODES[0], "view": VIEWS[0], "filter": FILTERS[0], "color": None, "strength": 100, "mirror": True}
    words = {key: str(value).lower() for key, value in chosen.items() if value != usual[key]}
    with st.popover("Share", icon=":material/share:", width="stretch"):
        st.caption("This link opens with what you see now: the filter, its strength, the view and the mirror.")
        st.code(f"{st.context.url or ''}{'?' if words else ''}{urlencode(words)}", language=None, wrap_lines=True)


swatch = '.st-key-filter label:has([value="{}"]) {{ --swatch: {}; }}'
st.html(f"<style>{''.join(swatch.format(i, f.hex) for i, f in enumerate(PRESETS.values()))}</style>")

with selector:
    name = st.radio("Filter", FILTERS, key="filter", bind="query-params", on_change=forget_unknown_choices)
    if name == "custom":
        color = st.color_picker("Color", "#ff8800", key="color", bind="query-params")
        chosen = ColorFilter(name, ColorFilter.from_hex(color).color)
    else:
        chosen = PRESETS[name]
    percent = st.slider("Strength", 0, 100, 100, 5, "%d %%", key="strength", bind="query-params")
    strength = percent / 100
    color_filter = chosen.at_strength(strength)
    st.caption(color_filter.describe())
    mirror, card = False, False
    if mode != "photo":
        picture_from = st.radio(
            "Picture from",
            list(INPUTS),
            key="input",
            bind="query-params",
            horizontal=True,
            on_change=forget_unknown_choices,
        )
        card = picture_from == "test card"
        if not card:
            mirror = st.toggle("Mirror", True, key="mirror", bind="query-params")
        resolution = st.radio(
            "Resolution",
            list(streamer.RESOLUTIONS),
            list(streamer.RESOLUTIONS).index(DEFAULT_RESOLUTION),
            key="resolution",
            bind="query-params",
            horizontal=True,
            on_change=forget_unknown_choices,
        )
        st.caption("The resolution applies at the next start.")
    scope = st.toggle("Scope", True, key="scope", bind="query-params", help=SCOPE_HELP)
    color = chosen.hex if name == "custom" else None
    mirrored = st.session_state.get("mirror", True)
    share(mode=mode, view=view, filter=name, color=color, strength=percent, mirror=mirrored)

settings = Settings(color_filter, mirror, view, view_widgets.line(), tuple(one.at_strength(strength) for one in SIX))

# ---- A photo ---------------------------------------------------------------------------------------------------

if mode == "photo":
    st.session_state.pop("picture", None)
    with picture:
        photo_mode.show(settings, scope)
    st.stop()

# ---- Or the live picture ----------------------------------------------------------------------------------------

live: LivePicture = st.session_state.setdefault("picture", LivePicture())
live.settings = settings


@st.cache_resource
def all_places() -> Places:
    """Those of this server, for every viewer."""
    return Places(max_live_from(setting("max_live")))


def has_a_place(viewer: webrtc.Viewer, cores: float) -> bool:
    """Whether this viewer may watch live: one who wants to now takes a place, any other leaves it."""
    if viewer.wants_live:
        return all_places().take(viewer.id, Place(cores, lambda: viewer.present(live.silent_for()), viewer.end))
    all_places().free(viewer.id)
    return all_places().room_for(viewer.id, cores)


key = INPUTS["test card" if card else "camera"]
viewer = webrtc.Viewer(key, sends=not card)


def take_test_card() -> None:
    st.session_state.input = "test card"


def test_card_player() -> SimpleNamespace:
    """What a connection plays, and stops when it ends: a card of its own."""
    return SimpleNamespace(video=TestCardTrack(*streamer.RESOLUTIONS[resolution]), audio=None)


@st.cache_resource
def turn_providers() -> Providers:
    """What they answered, for every viewer."""
    return Providers()


def old(servers: ice.Ice) -> bool:
    """Whether a viewer without video needs new ones; a running video keeps what it has."""
    return servers.renew_at <= time.time() and not viewer.wants_live


def ice_servers() -> ice.Ice:
    """This viewer's."""
    if "ice" not in st.session_state or old(st.session_state.ice):
        st.session_state.ice = ice.choose(setting, turn_providers().servers, time.time())
    return st.session_state.ice


with picture:
    if not has_a_place(viewer, CORES[resolution]):
        viewer.end()
        watching = all_places().taken
        people = "1 person is" if watching == 1 else f"{watching} people are"
        st.info(f"{people} watching live, as many as this server can serve well. Please try again in a moment.")
        st.button("Try again")
        st.stop()
    if not card and not viewer.wants_live:
        with st.container(key="no_camera", border=True):
            st.markdown("No camera was found here. The test card shows every filter and view without one.")
            st.button("Take the test card", on_click=take_test_card)
    servers = ice_servers()
    for sentence in unreadable_secrets() + servers.troubles:
        st.warning(sentence)
    stream = webrtc_streamer(
        key=key,
        mode=WebRtcMode.RECVONLY if card else WebRtcMode.SENDRECV,
        player_factory=test_card_player if card else None,
        frontend_rtc_configuration=servers.configuration,
        server_rtc_configuration=servers.configuration,
        video_frame_callback=live.show,
        on_video_ended=live.forget,
        async_processing=False,
        media_stream_constraints=streamer.camera_constraints(resolution),
        sendback_audio=False,
        media_toggle_controls=False,
        video_html_attrs=streamer.VIDEO_ATTRIBUTES,
        translations=streamer.TRANSLATIONS | ({"start": "Start test card"} if card else {}),
    )

# ---- What belongs to the view ----------------------------------------------------------------------------------


@st.fragment
def place_the_line() -> None:
    """A fragment: the line moves without a run of the page."""
    view_widgets.choose_line()
    live.settings = replace(live.settings, line=view_widgets.line())


with picture.container():
    if view == "compare":
        place_the_line()
    elif view == "all six":
        view_widgets.choose_one_of_six()

# ---- How it goes -----------------------------------------------------------------------------------------------

OFTEN, SELDOM = 0.5, 1.0  # seconds from one look at the stream to the next, with the scope and without


@st.fragment(run_every=(OFTEN if scope else SELDOM) if stream.state.playing or stream.state.signalling else LOOK_EVERY)
def status() -> None:
    tell_how_it_goes()
    sample = live.sample()
    if scope and stream.state.playing and sample is not None:
        view_widgets.show_scope(sample, live.settings.color_filter)
    if recording.page_is_behind():
        st.rerun()


def tell_how_it_goes() -> None:
    figures = live.figures()
    if stream.state.playing and figures:
        rate = figures.frames_per_second
        st.markdown(
            ("" if rate is None else f"**{rate:.0f}** frames a second · ")
            + f"**{figures.width} × {figures.height}** received · "
            f"**{figures.milliseconds:.1f} ms** of filter time a frame"
        )
        if figures.failing:
            st.warning("The filter failed on a picture; the last good one is shown.")
    elif stream.state.playing:
        st.markdown("Connected; waiting for the first picture.")
    elif stream.state.signalling:
        st.session_state.turn_trouble = webrtc.turn.allocation.trouble
        waiting = time.monotonic() - st.session_state.setdefault("connecting_since", time.monotonic())
        st.markdown("Connecting …")
        if waiting > PATIENCE and not webrtc.turn.allocation.trouble:
            st.warning(
                "No connection yet. This network may block live video: "
                "try another one, such as a phone's, or switch off the VPN."
            )
    elif card:
        st.markdown("Press **Start test card**: it is drawn on this server, and shows every filter without a camera.")
    else:
        if old(servers):
            st.rerun()
        st.markdown(
            "Press **Start camera** and allow the camera: its pictures go to this server, through the filter, and "
            "straight back to you. They are handled in memory, for you alone, and kept nowhere. "
            "Snapshots and a clip stay in memory, for you alone, until after you leave this page."
        )
    if stream.state.playing:
        st.session_state.turn_trouble = None
    elif st.session_state.get("turn_trouble"):
        st.warning(st.session_state.turn_trouble)


if not stream.state.signalling:
    st.session_state.pop("connecting_since", None)

# In a container of its own: when the next second's run follows a run of the page at once, Streamlit leaves this
# run's status out, what stands below moves up into its place, and the next status overwrites that.
with picture.container():
    status()

# ---- Snapshots and a clip ---------------------------------------------------------------------------------------

snapshots: Snapshots = st.session_state.setdefault("snapshots", Snapshots())


def take_snapshot() -> None:
    frame = live.newest()
    if frame is not None:
        snapshots.take(frame)


@st.fragment
def strip() -> None:
    """A fragment: a snapshot does not run the page again."""
    if recording.page_is_behind():
        st.rerun()
    with st.container(horizontal=True):
        if stream.state.playing:
            st.button("Snapshot", on_click=take_snapshot, shortcut="S", icon=":material/photo_camera:")
            recording.record_button(live)
        if snapshots.all:
            archive = "snapshots.zip", "application/zip"
            download_button("Download all", snapshots.zip, *archive, icon=":material/folder_zip:")
    recording.show_clip(live, stream.state.playing)
    with st.container(key="strip"):
        for snapshot in snapshots.all:
            with st.container(key=f"snapshot_{snapshot.number}", gap="xsmall"):
                show_snapshot(snapshot)


def show_snapshot(snapshot: Snapshot) -> None:
    number = snapshot.number
    st.image(snapshot.thumbnail, width="stretch", alt=f"Snapshot {number}, {snapshot.size} pixels")
    with st.container(horizontal=True, gap="xsmall"):
        file = snapshot.name, "image/png"
        download_button("Download", snapshot.png, *file, key=f"download_{number}", type="tertiary")
        st.button("Delete", f"delete_{number}", on_click=snapshots.delete, args=(number,), type="tertiary")


with picture.container():
    strip()
