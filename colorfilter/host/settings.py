"""The host's settings: in .streamlit/secrets.toml as `max_live`, or in the environment as COLORFILTER_MAX_LIVE.

They are read once. A value that is wrong counts as not set. One sentence says so, in the log at the start and on the
page; another one names what looks like a setting and is none.
"""

from __future__ import annotations

import functools
import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any

from colorfilter.host.setting_values import (
    Network,
    boolean,
    networks,
    positive,
    seconds,
    strings,
    tables,
    text,
    whole_number,
)
from colorfilter.host.streamlit_secrets import read_secrets

logger = logging.getLogger(__name__)

Account = Mapping[str, str]
# The settings that make an account with a provider of TURN servers, by the names that streamlit-webrtc reads.
ACCOUNT_NAMES = (
    *("CLOUDFLARE_TURN_KEY_ID", "CLOUDFLARE_TURN_KEY_API_TOKEN"),
    *("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    "HF_TOKEN",
)
PREFIX = "COLORFILTER_"  # of a setting's name in the environment
# What Kubernetes and Docker set for a service of the name "colorfilter".
SERVICE_VARIABLE = re.compile(r"(SERVICE_|PORT$|PORT_|NAME$|ENV_)")
LIKENESS = 0.85  # of 1: `trusted_proxy` and `trusted_proxies` have 0.86
MAX_SHOWN_CHARACTERS = 60  # of a wrong value or name in a sentence


def _setting(default: Any, parse: Callable[[object], Any], expected: str, help: str, secret: bool = False) -> Any:
    metadata = {"parse": parse, "expected": expected, "help": help, "secret": secret}
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """Every setting, typed, by its name, and a sentence in `problems` for each that is wrong.

    A field's metadata has `expected`, what it may be, and `help`, what it does; a `secret` one is never shown.
    """

    max_live: int | None = _setting(
        None, whole_number, "a whole number from 1 on", "The most live viewers at once; by default the cores decide."
    )
    max_live_per_address: int = _setting(
        8, whole_number, "a whole number from 1 on", "The most live viewers from one public address."
    )
    max_live_per_browser: int = _setting(
        4, whole_number, "a whole number from 1 on", "The most tabs of one browser that are live at once."
    )
    connect_seconds: float = _setting(
        30.0,
        seconds,
        "a number of seconds from 0 on",
        "How long a browser may take to connect before its place is free.",
    )
    max_candidates: int = _setting(
        32,
        whole_number,
        "a whole number from 1 on",
        "The most ICE candidates in a browser's offer, and as many after it.",
    )
    max_picture_rate: float = _setting(
        75.0, positive, "a number above 0", "The most pictures a second of one camera that are decoded."
    )
    forbid_private_peers: bool = _setting(
        False, boolean, "true or false", "Send nothing to private addresses that a browser names."
    )
    max_uploads: int = _setting(
        4, whole_number, "a whole number from 1 on", "The most uploaded files that one page keeps, and sends at once."
    )
    max_held_mb: float = _setting(
        500.0, positive, "a number of megabytes above 0", "What all visitors' pictures and clips may take together."
    )
    max_body_mb: float = _setting(
        5.0, positive, "a number of megabytes above 0", "The largest body that POST /filter takes."
    )
    body_seconds: float = _setting(
        30.0, seconds, "a number of seconds from 0 on", "How long a body may take, and an upload may stand still."
    )
    max_posts: int = _setting(
        32, whole_number, "a whole number from 1 on", "The most pictures of POST /filter that are in work at once."
    )
    max_posts_per_address: int = _setting(
        8, whole_number, "a whole number from 1 on", "The most requests of one public address that are open at once."
    )
    work_seconds: float = _setting(
        8.0, positive, "a number of seconds above 0", "The processor's time that one picture may take in a worker."
    )
    work_memory_mb: float = _setting(
        1500.0, positive, "a number of megabytes above 0", "The memory that one picture may take in a worker."
    )
    max_clips: int = _setting(1, whole_number, "a whole number from 1 on", "The most clips that are made at once.")
    max_clips_waiting: int = _setting(
        8, whole_number, "a whole number from 1 on", "The most clips that wait for their turn."
    )
    max_clip_mb: float = _setting(
        25.0, positive, "a number of megabytes above 0", "The largest clip that a visitor may send."
    )
    max_clip_seconds: float = _setting(
        120.0, positive, "a number of seconds above 0", "The longest clip that a visitor may send."
    )
    max_clip_megapixels: float = _setting(
        2.1, positive, "a number of megapixels above 0", "The largest frame of a visitor's clip."
    )
    clip_seconds: float = _setting(
        900.0, positive, "a number of seconds above 0", "The processor's time that one clip may take in a worker."
    )
    clip_memory_mb: float = _setting(
        1500.0, positive, "a number of megabytes above 0", "The memory that one clip may take in a worker."
    )
    metrics: bool = _setting(False, boolean, "true or false", "Serve figures for Prometheus at /metrics.")
    drain_seconds: float = _setting(
        0.0, seconds, "a number of seconds from 0 on", "How long SIGTERM lets live viewers finish."
    )
    log_addresses: bool = _setting(False, boolean, "true or false", "Log visitors' addresses.")
    trusted_proxies: tuple[Network, ...] = _setting(
        (),
        networks,
        "a list of addresses or networks such as 172.16.0.0/12",
        "Proxies whose X-Forwarded-For is believed, for the log and the limit of an address.",
    )
    turn_urls: tuple[str, ...] = _setting(
        (), strings, "a list of addresses such as turn:host:3478", "The addresses of a TURN server of your own."
    )
    turn_secret: str = _setting("", text, "a string", "The secret that this TURN server shares with the app.", True)
    ice_servers: tuple[Mapping[str, Any], ...] | None = _setting(
        None,
        tables,
        'a list of servers such as [{"urls": "stun:host:3478"}], in the environment as JSON',
        "STUN and TURN servers as WebRTC has them; an empty list is none at all.",
        True,
    )
    relay_only: bool = _setting(False, boolean, "true or false", "Send all video through TURN.")
    accounts: Account = field(default_factory=dict, repr=False)
    problems: tuple[str, ...] = ()


def load_settings(secrets: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """The settings from both places. Secrets take precedence over the environment; an empty value is not set."""
    values: dict[str, Any] = {}
    problems = []
    for setting in fields(Settings):
        given = secrets.get(setting.name, environ.get(PREFIX + setting.name.upper()))
        if "parse" not in setting.metadata or given is None or given == "":
            continue
        try:
            values[setting.name] = setting.metadata["parse"](given)
        except (ValueError, OverflowError, RecursionError):
            hidden = setting.metadata["secret"] or isinstance(given, list | dict)
            shown = "" if hidden else f", not {str(given)[:MAX_SHOWN_CHARACTERS]!r}"
            problems.append(f"{setting.name} is {setting.metadata['expected']}{shown}; it counts as not set.")
    problems += _unknown_names(secrets, environ)
    accounts = {name: str(secrets.get(name) or environ.get(name) or "") for name in ACCOUNT_NAMES}
    return Settings(**values, accounts=accounts, problems=tuple(problems))


def _unknown_names(secrets: Mapping[str, Any], environ: Mapping[str, str]) -> list[str]:
    """A sentence for each name that looks like a setting and is none.

    Secrets may hold what is others', so only names that are like a setting's count there.
    """
    names = {setting.name for setting in fields(Settings) if "parse" in setting.metadata}
    in_secrets = {name: name for name in names} | {name.lower(): name for name in ACCOUNT_NAMES}
    in_environ = in_secrets | {name: PREFIX + name.upper() for name in names}
    sentences: dict[str, str] = {}
    for given, known in ((environ, in_environ), (secrets, in_secrets)):
        for name in given.keys() - set(known.values()):
            bare = name.removeprefix(PREFIX)
            near = get_close_matches(bare.lower(), known, 1, LIKENESS)
            ours = name != bare and not SERVICE_VARIABLE.match(bare)
            if ours or (near and given is secrets):
                hint = f"; the nearest is {known[near[0]]}" if near else ""
                sentences.setdefault(name, f"There is no setting {name[:MAX_SHOWN_CHARACTERS]}{hint}.")
    return [sentences[name] for name in sorted(sentences)]


@functools.cache
def settings() -> Settings:
    """This process's settings. The first call reads them and logs their problems."""
    secrets, problem = read_secrets()
    loaded = load_settings(secrets, os.environ)
    if problem:
        loaded = replace(loaded, problems=(problem, *loaded.problems))
    for sentence in loaded.problems:
        logger.warning("%s", sentence)
    return loaded
