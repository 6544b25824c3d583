"""The viewer's STUN and TURN servers, from the settings. They do not change while the video runs."""

from __future__ import annotations

import time

import streamlit as st

from colorfilter.host.settings import settings
from colorfilter.webrtc import ice
from colorfilter.webrtc.ice_providers import Providers

POLL_INTERVAL_S = 300  # seconds between two looks of a page without video at the age of its TURN credentials


def ice_servers(wants_live: bool) -> ice.IceConfig:
    """Return this viewer's servers, renewed if they are old, and show a warning for each problem with them."""
    if "ice" not in st.session_state or old(wants_live):
        st.session_state.ice = ice.resolve_ice_servers(settings(), _providers().servers, time.time())
    servers: ice.IceConfig = st.session_state.ice
    for sentence in servers.troubles:
        st.warning(sentence)
    return servers


def old(wants_live: bool) -> bool:
    """Whether this viewer's servers must be renewed. A running video keeps its own."""
    return bool(st.session_state.ice.renew_at <= time.time()) and not wants_live


@st.cache_resource
def _providers() -> Providers:
    """The providers' answers, shared by all viewers."""
    return Providers()
