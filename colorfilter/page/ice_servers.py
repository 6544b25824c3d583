"""The viewer's STUN and TURN servers, from the settings. They do not change while the video runs."""

from __future__ import annotations

import time

import streamlit as st

from colorfilter.host.settings import settings
from colorfilter.page.session import page_session
from colorfilter.webrtc.ice.providers import Providers
from colorfilter.webrtc.ice.servers import IceConfig, resolve_ice_servers

POLL_INTERVAL_S = 300  # seconds between two looks of a page without video at the age of its TURN credentials


def ice_servers(wants_live: bool) -> IceConfig:
    """Return this viewer's servers, renewed if they are old, and show a warning for each problem with them."""
    page = page_session()
    if page.ice is None or must_renew(page.ice, wants_live):
        page.ice = resolve_ice_servers(settings(), _providers().servers, time.time())
    for sentence in page.ice.troubles:
        st.warning(sentence)
    return page.ice


def must_renew(servers: IceConfig, wants_live: bool) -> bool:
    """Whether a viewer's servers are to be asked for again. A running video keeps its own."""
    return servers.renew_at <= time.time() and not wants_live


@st.cache_resource
def _providers() -> Providers:
    """The providers' answers, shared by all viewers."""
    return Providers()
