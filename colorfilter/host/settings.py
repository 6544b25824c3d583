"""The host's settings: in .streamlit/secrets.toml as `max_live`, or in the environment as COLORFILTER_MAX_LIVE."""

from __future__ import annotations

import functools
import logging
import os

import streamlit as st

logger = logging.getLogger(__name__)

YES, NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off", "none")


def setting(name: str) -> object:
    """A setting of the host's, None if it is in neither place."""
    # `st.secrets[...]` would say on the page, or on the console, that there is no file.
    if st.secrets.load_if_toml_exists() and name in st.secrets:
        return st.secrets[name]
    return os.environ.get(f"COLORFILTER_{name.upper()}")


def unreadable() -> list[str]:
    """A sentence if there are secrets that cannot be read; the environment alone then counts."""
    try:
        st.secrets.load_if_toml_exists()
        len(st.secrets)
    except FileNotFoundError as error:
        if str(error).startswith("Error parsing"):
            return [f"secrets.toml cannot be read: {str(error).rsplit(': ', 1)[-1]}."]
    return []


def switch(name: str) -> bool:
    """A setting that is on or off, off if it is not set. Raises ValueError for anything else."""
    value = setting(name)
    on = is_on(value)
    if on is None:
        raise ValueError(f"{name} is on or off (true or false), not {value!r}.")
    return on


def is_on(value: object) -> bool | None:
    """What a word, or true or false itself, says of a switch; None if it says neither. What is not set is off."""
    word = str(value).strip().lower()
    return word in YES if word in YES + NO else None


@functools.cache
def warn_once(sentence: str) -> None:
    """A warning in the log of what is set but wrong; not for every viewer again."""
    logger.warning("%s", sentence)


def seconds(name: str) -> float:
    """A setting that is a time in seconds, 0 if it is not set. Raises ValueError for anything else."""
    text = str(setting(name) or 0)
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError(f"{name} is a number of seconds from 0 on, not {text!r}.")
    return number
