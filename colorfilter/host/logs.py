"""What happens on the server, one line of JSON an event. No pictures; a visitor's address only where that is asked for.

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

from colorfilter.host.settings import settings

logger = logging.getLogger(__name__)


class JsonFormatter(logging.Formatter):
    """A log record as one line of JSON."""

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


def start() -> None:
    """Write what the package logs, from `info` on, to stderr. A second call changes nothing."""
    package = logging.getLogger("colorfilter")
    if not any(isinstance(handler.formatter, JsonFormatter) for handler in package.handlers):
        handler = logging.StreamHandler(sys.__stderr__)
        handler.setFormatter(JsonFormatter())
        package.addHandler(handler)
        package.setLevel(logging.INFO)


def log_event(event: str, **fields: object) -> None:
    """Log the event. Fields that are None are left out."""
    logger.info(event, extra={"fields": {name: value for name, value in fields.items() if value is not None}})


@functools.cache
def warn_once(sentence: str) -> None:
    """Log a warning of what is wrong for everybody; not for every viewer again."""
    logger.warning("%s", sentence)


def hash_session_id(session: str) -> str:
    """A name for a session in the log; with the session's own, a reader could take it over."""
    return blake2s(session.encode(), digest_size=4).hexdigest()


def address(headers: Mapping[str, str], peer: str | None) -> str | None:
    """A visitor's address if `log_addresses` is on, else None: the load balancer's word for it, or the connection's."""
    if not settings().log_addresses:
        return None
    return headers.get("X-Forwarded-For") or peer
