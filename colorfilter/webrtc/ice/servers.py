"""The ICE servers through which browser and server find each other on any network, from the host's settings."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from colorfilter.host.logs import warn_once
from colorfilter.host.settings import Account, Settings

Servers = list[dict[str, Any]]

PUBLIC_STUN: Servers = [{"urls": ["stun:stun.l.google.com:19302"]}]
LIFETIME_S = 30 * 60  # the credentials of our own TURN; a connection made in that time goes on
RENEW_INTERVAL_S = 10 * 60  # after which a page without video gets new credentials
RETRY_INTERVAL_S = 30  # the same, where something was wrong

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
        """As a WebRTC RTCConfiguration, for the server and for the browser of a viewer who has a place."""
        return {"iceServers": self.servers, "iceTransportPolicy": "relay" if self.relay_only else "all"}

    @property
    def before_a_place(self) -> dict[str, Any]:
        """The same for a browser without a place: no credentials, and `credentialsFollow` if there are any."""
        free = [server for server in self.servers if not has(server, "turn")]
        return self.configuration | {"iceServers": free, "credentialsFollow": len(free) < len(self.servers)}


def resolve_ice_servers(settings: Settings, provided: Callable[[Account], Servers | None], now: float) -> IceConfig:
    """The first that is set of our own TURN, a list, and what `provided` says; public STUN if none is.

    `now` is the Unix time. What is set but wrong is left out, with a sentence in the log and in the result. Never
    raises for a wrong setting.
    """
    sources: list[Callable[[], Servers | None]] = [
        lambda: own_turn(settings.turn_urls, settings.turn_secret, now),
        lambda: listed(settings.ice_servers),
        lambda: provided(settings.accounts),
    ]
    servers, troubles = None, []
    for source in sources:
        try:
            servers = source()
        except ValueError as error:
            troubles.append(str(error))
        if servers is not None:
            break
    if servers is None:
        servers = PUBLIC_STUN
    relay_only = settings.relay_only and any(has(server, "turn") for server in servers)
    if settings.relay_only and not relay_only:
        troubles.append("relay_only needs a TURN server, and there is none; it counts as not set.")
    for sentence in troubles:
        warn_once(sentence)
    return IceConfig(servers, relay_only, troubles, now + (RETRY_INTERVAL_S if troubles else RENEW_INTERVAL_S))


def own_turn(addresses: Sequence[str], secret: str, now: float) -> Servers | None:
    """A TURN server that shares a secret with us, such as coturn with `use-auth-secret`; None if it is not set.

    If the first address is TURN over UDP, the same server tells us our public address as well (STUN).
    """
    if not addresses and not secret:
        return None
    if not addresses or not secret:
        there, missing = ("turn_urls", "turn_secret") if addresses else ("turn_secret", "turn_urls")
        raise ValueError(f"{there} is set but {missing} is not; both are needed for a TURN server.")
    urls = addresses_from("turn_urls", addresses, "turn")
    username, credential = credentials(secret, secrets.token_hex(8), now)
    first = ADDRESS.fullmatch(urls[0])
    assert first is not None
    by_udp = first["scheme"] == "turn" and first["by"] != "tcp"
    stun = [{"urls": [f"stun:{first['host']}:{first['port'] or 3478}"]}] if by_udp else []
    return [*stun, {"urls": urls, "username": username, "credential": credential}]


def credentials(secret: str, viewer: str, now: float) -> tuple[str, str]:
    """User name and password for one viewer, good for `LIFETIME_S` seconds (draft-uberti-behave-turn-rest-00, 2.2)."""
    username = f"{int(now) + LIFETIME_S}:{viewer}"
    return username, password(secret, username)


def password(secret: str, username: str) -> str:
    """base64(HMAC-SHA1(secret, user name)), by the same section."""
    return base64.b64encode(hmac.digest(secret.encode(), username.encode(), "sha1")).decode()


def listed(given: Sequence[Mapping[str, Any]] | None) -> Servers | None:
    """The servers of the host's list; None if it is not set. Raises ValueError with a sentence."""
    return None if given is None else [server_from("ice_servers", server) for server in given]


def server_from(name: str, server: Mapping[str, Any]) -> dict[str, Any]:
    """Check one server and keep its three fields. Raises ValueError with a sentence that begins with `name`."""
    urls = addresses_from(name, server.get("urls"), "stun", "turn")
    if not has({"urls": urls}, "turn"):
        return {"urls": urls}
    if not server.get("username") or not server.get("credential"):
        raise ValueError(f"{name}: {urls[0]} needs a username and a credential.")
    return {"urls": urls, "username": str(server["username"]), "credential": str(server["credential"])}


def addresses_from(name: str, given: object, *schemes: str) -> list[str]:
    """The addresses in a list or a comma-separated string, in order.

    `schemes` are those allowed; with an s at the end, such as turns, the server is reached over TLS. Raises ValueError
    with a sentence that begins with `name`.
    """
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
