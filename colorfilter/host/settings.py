"""The host's settings: in .streamlit/secrets.toml as `max_live`, or in the environment as COLORFILTER_MAX_LIVE.

They are read once. What is set but wrong counts as not set, and gets one sentence: in the log at the start, and on the
page.
"""

from __future__ import annotations

import functools
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import streamlit as st

logger = logging.getLogger(__name__)

Account = Mapping[str, str]
# The settings that make an account with a provider of TURN servers, by the names that streamlit-webrtc reads.
ACCOUNT_NAMES = (
    *("CLOUDFLARE_TURN_KEY_ID", "CLOUDFLARE_TURN_KEY_API_TOKEN"),
    *("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    "HF_TOKEN",
)
MAX_SHOWN = 60  # characters of a wrong value in a sentence
ON, OFF = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off", "none")


# ---- What a value may be. Each raises ValueError for anything else. ---------------------------------------------


def switch(value: object) -> bool:
    """A switch, from a word or from true or false itself."""
    word = str(value).strip().lower()
    if word not in ON + OFF:
        raise ValueError
    return word in ON


def whole_number(value: object) -> int:
    """A whole number from 1 on."""
    number = int(str(value))
    if number < 1:
        raise ValueError
    return number


def megabytes(value: object) -> float:
    """A size above 0, below what memory could hold."""
    number = float(str(value))
    if not 0 < number < 1e6:
        raise ValueError
    return number


def seconds(value: object) -> float:
    """A time from 0 on."""
    number = float(str(value))
    if not 0 <= number < float("inf"):
        raise ValueError
    return number


def strings(value: object) -> tuple[str, ...]:
    """A list of strings, or one string with commas between them."""
    if not isinstance(value, str | list | tuple):
        raise ValueError
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(str(part).strip() for part in parts if str(part).strip())


def tables(value: object) -> tuple[Mapping[str, Any], ...]:
    """A list of tables, as such or as JSON."""
    given = json.loads(value) if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(table, Mapping) for table in given):
        raise ValueError
    return tuple(given)


# ---- The settings ----------------------------------------------------------------------------------------------


def _setting(default: Any, parse: Callable[[object], Any], expected: str) -> Any:
    return field(default=default, metadata={"parse": parse, "expected": expected})


@dataclass(frozen=True)
class Settings:
    """Every setting, typed, by its name; `problems` has a sentence for each that is wrong.

    What each does is in docs/configuration.md.
    """

    max_live: int | None = _setting(None, whole_number, "a whole number from 1 on")
    max_body_mb: float = _setting(5.0, megabytes, "a number of megabytes above 0")
    metrics: bool = _setting(False, switch, "on or off (true or false)")
    drain_seconds: float = _setting(0.0, seconds, "a number of seconds from 0 on")
    log_addresses: bool = _setting(False, switch, "on or off (true or false)")
    turn_urls: tuple[str, ...] = _setting((), strings, "a list of addresses such as turn:host:3478")
    turn_secret: str = _setting("", str, "a word")
    ice_servers: tuple[Mapping[str, Any], ...] | None = _setting(
        None, tables, 'a list of servers such as [{"urls": "stun:host:3478"}], in the environment as JSON'
    )
    relay_only: bool = _setting(False, switch, "on or off (true or false)")
    accounts: Account = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def load_settings(secrets: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """The settings from both places; the secrets come first. An empty value is none."""
    values: dict[str, Any] = {}
    problems = []
    for setting in fields(Settings):
        given = secrets.get(setting.name, environ.get(f"COLORFILTER_{setting.name.upper()}"))
        if "parse" not in setting.metadata or given is None or given == "":
            continue
        try:
            values[setting.name] = setting.metadata["parse"](given)
        except (ValueError, OverflowError, RecursionError):
            shown = "" if isinstance(given, list | dict) else f", not {str(given)[:MAX_SHOWN]!r}"
            problems.append(f"{setting.name} is {setting.metadata['expected']}{shown}; it counts as not set.")
    accounts = {name: str(secrets.get(name) or environ.get(name) or "") for name in ACCOUNT_NAMES}
    return Settings(**values, accounts=accounts, problems=tuple(problems))


@functools.cache
def settings() -> Settings:
    """Those of this process, read at the first call, which logs what is wrong with them."""
    secrets, problem = _secrets()
    loaded = load_settings(secrets, os.environ)
    if problem:
        loaded = replace(loaded, problems=(problem, *loaded.problems))
    for sentence in loaded.problems:
        logger.warning("%s", sentence)
    return loaded


def _secrets() -> tuple[dict[str, Any], str]:
    """What secrets.toml says, and a sentence if it cannot be read; the environment alone then counts."""
    # `st.secrets[...]` would say on the page, or on the console, that there is no file.
    try:
        return st.secrets.to_dict(), ""
    except FileNotFoundError as error:
        broken = str(error).startswith("Error parsing")
        return {}, f"secrets.toml cannot be read: {str(error).rsplit(': ', 1)[-1]}." if broken else ""
