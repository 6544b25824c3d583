"""Which addresses a browser may have this server send to: ICE checks each candidate with STUN (RFC 8445)."""

from __future__ import annotations

import logging
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from aioice import ice, mdns

from colorfilter.host.settings import settings

logger = logging.getLogger(__name__)

NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: to IPv4 by the network's gateway
LOCAL_NAT64 = ip_network("64:ff9b:1::/48")  # RFC 8215: the same for one network, where IPv4 may stand anywhere in it


def may_be_asked(host: str, forbid_private: bool) -> bool:
    """Whether STUN may go to that host: an address of one machine, or a browser's name for its own (mDNS).

    With `forbid_private`, only to a public address.
    """
    if mdns.is_mdns_hostname(host):
        return not forbid_private
    try:
        address = ip_address(host)
    except ValueError:
        return False
    inner = _inner_ipv4(address)
    if inner.is_multicast or inner.is_unspecified or str(inner) == "255.255.255.255":
        return False
    # Not `address.is_global`: some Pythons take 6to4 for private, and some take local NAT64 for public.
    return (inner.is_global and address not in LOCAL_NAT64) or not forbid_private


def _inner_ipv4(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address leads to: mapped, 6to4 (RFC 3056) or NAT64; else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64 or address in LOCAL_NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


def patch_candidates() -> None:
    """Leave out a browser's candidates to which nothing may be sent, those of the offer and those that follow it."""
    add = ice.Connection.add_remote_candidate

    async def add_if_allowed(self: Any, remote_candidate: Any) -> None:
        if remote_candidate is not None and not may_be_asked(remote_candidate.host, settings().forbid_private_peers):
            logger.info("A candidate is left out: nothing is sent to its address.")
            return
        await add(self, remote_candidate)

    setattr(ice.Connection, "add_remote_candidate", add_if_allowed)
