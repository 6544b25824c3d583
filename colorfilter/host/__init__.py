"""The process and who runs it: set-up, settings, log, metrics, capacity, sessions, access to Streamlit's internals."""

from colorfilter.host.capacity import CORES_PER_VIEWER, Place, Places, all_places
from colorfilter.host.housekeeping import Housekeeping
from colorfilter.host.logs import (
    client_address,
    configure_logging,
    hash_session_id,
    log_event,
    visitor_address,
    warn_once,
)
from colorfilter.host.process import available_cores, configure_malloc, prepare_process, trim_memory
from colorfilter.host.sessions import SessionReaper, watch_session
from colorfilter.host.settings import Settings, load_settings

__all__ = [
    "CORES_PER_VIEWER",
    "Housekeeping",
    "Place",
    "Places",
    "SessionReaper",
    "Settings",
    "all_places",
    "available_cores",
    "client_address",
    "configure_logging",
    "configure_malloc",
    "hash_session_id",
    "load_settings",
    "log_event",
    "prepare_process",
    "trim_memory",
    "visitor_address",
    "warn_once",
    "watch_session",
]
