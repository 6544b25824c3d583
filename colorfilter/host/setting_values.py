"""The values that settings may have. Each function raises ValueError for one that it does not take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

Network = IPv4Network | IPv6Network
ON, OFF = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off", "none")


def boolean(value: object) -> bool:
    """A boolean, from true or false itself or from a word for it."""
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


def positive(value: object) -> float:
    """A number above 0 and below a million."""
    number = float(str(value))
    if not 0 < number < 1e6:
        raise ValueError
    return number


def seconds(value: object) -> float:
    """A finite time from 0 on."""
    number = float(str(value))
    if not 0 <= number < float("inf"):
        raise ValueError
    return number


def text(value: object) -> str:
    """A string; a number without quotes counts as one."""
    if not isinstance(value, str | int | float):
        raise ValueError
    return str(value)


def strings(value: object) -> tuple[str, ...]:
    """A list of strings, or one string with commas between them."""
    if not isinstance(value, str | list | tuple):
        raise ValueError
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(str(part).strip() for part in parts if str(part).strip())


def networks(value: object) -> tuple[Network, ...]:
    """A list of addresses or networks, or one string with commas between them."""
    return tuple(ip_network(part) for part in strings(value))


def tables(value: object) -> tuple[Mapping[str, Any], ...]:
    """A list of tables, as such or as JSON."""
    given = json.loads(value) if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(table, Mapping) for table in given):
        raise ValueError
    return tuple(given)
