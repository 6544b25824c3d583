"""The log: one line of JSON for each event. No pictures, and no visitors' addresses unless `log_addresses` is on.

{"time": "2026-11-23T12:00:00.123+00:00", "level": "info", "event": "viewer started", "viewer": "9f86d081", ...}
"""

from __future__ import annotations

import functools
import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2s
from ipaddress import ip_address

from colorfilter.host.settings import settings

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"


class JsonFormatter(logging.Formatter):
    """Formats a log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure_logging() -> None:
    """Write what the package logs, from `info` on, to stderr. A second call changes nothing."""
    package = logging.getLogger("colorfilter")
    if not any(isinstance(handler.formatter, JsonFormatter) for handler in package.handlers):
        handler = logging.StreamHandler(sys.__stderr__)
        handler.setFormatter(JsonFormatter())
        package.addHandler(handler)
        package.setLevel(logging.INFO)


def log_event(event: str, **fields: object) -> None:
    """Log the event with its fields; those that are None are left out."""
    logger.info(event, extra={"fields": {name: value for name, value in fields.items() if value is not None}})


@functools.cache
def warn_once(sentence: str) -> None:
    """Log a warning that concerns every viewer, the first time only."""
    logger.warning("%s", sentence)


def hash_session_id(session: str) -> str:
    """Eight hex digits that stand for the session in the log. With its id, a reader could take the session over."""
    return blake2s(session.encode(), digest_size=4).hexdigest()


def visitor_address(headers: Mapping[str, str], peer: str | None) -> str | None:
    """The visitor's address for the log; None if `log_addresses` is off."""
    return client_address(headers, peer) if settings().log_addresses else None


def client_address(headers: Mapping[str, str], peer: str | None) -> str | None:
    """The visitor's address, for limits.

    It is `peer`, or where that is one of `trusted_proxies` the last of X-Forwarded-For, which the proxy has written.
    """
    forwarded = headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
    return forwarded if forwarded and _is_trusted(peer) else peer


def _is_trusted(peer: str | None) -> bool:
    try:
        address = ip_address(peer or LOOPBACK)  # Streamlit does not tell the address of a peer on this machine
    except ValueError:
        return False
    return any(address in network for network in settings().trusted_proxies)
