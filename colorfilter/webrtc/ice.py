"""The ICE servers through which browser and server find each other on any network, from the host's settings."""

from __future__ import annotations

import base64
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from colorfilter.host.settings import is_on, warn_once

Setting = Callable[[str], object]
Servers = list[dict[str, Any]]

PUBLIC_STUN: Servers = [{"urls": ["stun:stun.l.google.com:19302"]}]
LIFETIME = 6 * 3600  # seconds that the credentials of our own TURN serve; a connection made in that time goes on
RENEW_EVERY = 20 * 60  # seconds after which a page without video gets new ones
TRY_AGAIN_AFTER = 30  # seconds; the same where something was wrong

# RFC 7064 and 7065. An IPv6 address in brackets is left out, because aiortc takes none.
ADDRESS = re.compile(r"(?P<scheme>stuns?|turns?):(?P<host>[\w.-]+)(:(?P<port>\d{1,5}))?(\?transport=(?P<by>udp|tcp))?")


@dataclass(frozen=True)
class IceConfig:
    """What one viewer's browser and the server use, until the Unix time `renew_at`; and what was wrong, in sentences.

    `servers` are dictionaries as WebRTC has them, with "urls", "username" and "credential".
    """

    servers: Servers
    relay_only: bool
    troubles: list[str]
    renew_at: float

    @property
    def configuration(self) -> dict[str, Any]:
        """As a WebRTC RTCConfiguration, for the browser and for the server."""
        return {"iceServers": self.servers, "iceTransportPolicy": "relay" if self.relay_only else "all"}


def resolve_ice_servers(setting: Setting, provided: Callable[[Setting], Servers | None], now: float) -> IceConfig:
    """The first that is set of our own TURN, a list, and what `provided` says; public STUN if none is.

    `setting` gives a setting by its name, None if it is not set; `now` is the Unix time. What is set but wrong is left
    out, with a sentence in the log and in the result. Never raises for a wrong setting.
    """
    sources: list[Callable[[], Servers | None]] = [
        lambda: own_turn(setting, now),
        lambda: listed(setting("ice_servers")),
        lambda: provided(setting),
    ]
    servers, relay_only, troubles = None, False, []
    for source in sources:
        try:
            servers = source()
        except ValueError as error:
            troubles.append(str(error))
        if servers is not None:
            break
    if servers is None:
        servers = PUBLIC_STUN
    try:
        relay_only = relay_only_from(setting("relay_only"), servers)
    except ValueError as error:
        troubles.append(str(error))
    for sentence in troubles:
        warn_once(sentence)
    return IceConfig(servers, relay_only, troubles, now + (TRY_AGAIN_AFTER if troubles else RENEW_EVERY))


def own_turn(setting: Setting, now: float) -> Servers | None:
    """A TURN server that shares a secret with us, such as coturn with `use-auth-secret`; None if it is not set.

    If the first address is TURN over UDP, the same server tells us our public address as well (STUN).
    """
    addresses, secret = setting("turn_urls"), setting("turn_secret")
    if not addresses and not secret:
        return None
    if not addresses or not secret:
        there, missing = ("turn_urls", "turn_secret") if addresses else ("turn_secret", "turn_urls")
        raise ValueError(f"{there} is set but {missing} is not; both are needed for a TURN server.")
    urls = addresses_from("turn_urls", addresses, "turn")
    username, credential = credentials(str(secret), secrets.token_hex(8), now)
    first = ADDRESS.fullmatch(urls[0])
    assert first is not None
    by_udp = first["scheme"] == "turn" and first["by"] != "tcp"
    stun = [{"urls": [f"stun:{first['host']}:{first['port'] or 3478}"]}] if by_udp else []
    return [*stun, {"urls": urls, "username": username, "credential": credential}]


def credentials(secret: str, viewer: str, now: float) -> tuple[str, str]:
    """User name and password for one viewer, good for `LIFETIME` seconds (draft-uberti-behave-turn-rest-00, 2.2)."""
    username = f"{int(now) + LIFETIME}:{viewer}"
    return username, password(secret, username)


def password(secret: str, username: str) -> str:
    """base64(HMAC-SHA1(secret, user name)), of the same section."""
    return base64.b64encode(hmac.digest(secret.encode(), username.encode(), "sha1")).decode()


def listed(setting: object) -> Servers | None:
    """The servers of a list, given as such or as JSON; None if it is not set. Raises ValueError with a sentence."""
    if setting is None or setting == "":
        return None
    try:
        given = json.loads(setting) if isinstance(setting, str) else setting
    except ValueError:
        raise ValueError('ice_servers is not JSON; write a list such as [{"urls": "stun:host:3478"}].') from None
    if not isinstance(given, list) or not all(isinstance(server, Mapping) for server in given):
        raise ValueError("ice_servers is a list of servers, each with urls, and for TURN with username and credential.")
    return [server_from("ice_servers", server) for server in given]


def server_from(name: str, server: Mapping[str, Any]) -> dict[str, Any]:
    """One server, checked; of what else it says, nothing. Raises ValueError with a sentence that begins with `name`."""
    urls = addresses_from(name, server.get("urls"), "stun", "turn")
    if not has({"urls": urls}, "turn"):
        return {"urls": urls}
    if not server.get("username") or not server.get("credential"):
        raise ValueError(f"{name}: {urls[0]} needs a username and a credential.")
    return {"urls": urls, "username": str(server["username"]), "credential": str(server["credential"])}


def addresses_from(name: str, given: object, *schemes: str) -> list[str]:
    """A list or a comma-separated string of addresses of those schemes (or with an s: over TLS), in order."""
    parts = given.split(",") if isinstance(given, str) else given if isinstance(given, list | tuple) else []
    urls = [str(part).strip() for part in parts if str(part).strip()]
    if not urls:
        raise ValueError(f"{name} names no address; write one such as {schemes[-1]}:host:3478.")
    for url in urls:
        match = ADDRESS.fullmatch(url)
        stun_by = match is not None and match["scheme"].startswith("stun") and match["by"]
        if match is None or stun_by or match["scheme"].rstrip("s") not in schemes:
            raise ValueError(f"{name}: “{url}” is no address such as {schemes[-1]}:host:3478?transport=tcp.")
    return urls


def has(server: Mapping[str, Any], scheme: str) -> bool:
    """Whether the server is one of that scheme, "stun" or "turn"."""
    return any(url.startswith(scheme) for url in server["urls"])


def relay_only_from(setting: object, servers: Servers) -> bool:
    """Whether everything goes through TURN. Raises ValueError with a sentence."""
    wanted = is_on(setting)
    if wanted is None:
        raise ValueError(f"relay_only is true or false, not {setting!r}; it is taken as false.")
    if wanted and not any(has(server, "turn") for server in servers):
        raise ValueError("relay_only needs a TURN server, and there is none; it is taken as false.")
    return wanted
