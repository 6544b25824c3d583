"""Streamlit's secrets: .streamlit/secrets.toml beside the page, and what else `secrets.files` names."""

from __future__ import annotations

from typing import Any


def read_secrets() -> tuple[dict[str, Any], str]:
    """Streamlit's secrets, and a sentence if there are some that cannot be read."""
    import streamlit as st  # it takes half a second, which a process that only logs does not need

    # `st.secrets[...]` would report a missing file on the page and on the console.
    try:
        return st.secrets.to_dict(), ""
    except (OSError, ValueError) as error:
        sentence = f"The secrets cannot be read: {_reason(error)}."
        return {}, "" if str(error).startswith("No secrets found") else sentence


def _reason(error: OSError | ValueError) -> str:
    """Why secrets cannot be read, without the file's path or content, since a visitor sees it."""
    if isinstance(error, UnicodeDecodeError):
        return "the file is not UTF-8"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    message = str(error)
    if message.startswith("Error parsing"):
        return message.rsplit(": ", 1)[-1]
    return "secrets.files names neither a .toml file nor a folder of folders"
