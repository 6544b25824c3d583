"""The viewer's STUN and TURN servers, from the settings; the same for as long as the video runs."""

from __future__ import annotations

import time

import streamlit as st

from colorfilter.host.settings import settings
from colorfilter.webrtc import ice
from colorfilter.webrtc.ice_providers import Providers

POLL_INTERVAL_S = 300  # seconds after which a page without video looks whether its TURN credentials are old


def ice_servers(wants_live: bool) -> ice.IceConfig:
    """This viewer's, new ones if those are old, with a warning on the page for each of their problems."""
    if "ice" not in st.session_state or old(wants_live):
        st.session_state.ice = ice.resolve_ice_servers(settings(), _providers().servers, time.time())
    servers: ice.IceConfig = st.session_state.ice
    for sentence in servers.troubles:
        st.warning(sentence)
    return servers


def old(wants_live: bool) -> bool:
    """Whether a viewer without video needs new ones; a running video keeps what it has."""
    return bool(st.session_state.ice.renew_at <= time.time()) and not wants_live


@st.cache_resource
def _providers() -> Providers:
    """What they answered, for every viewer."""
    return Providers()
