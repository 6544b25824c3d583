import asyncio
from types import SimpleNamespace

import pytest
from aioice import ice

from colorfilter.webrtc.ice import peer_addresses
from colorfilter.webrtc.ice.peer_addresses import may_be_asked

PRIVATE = ["10.0.0.1", "192.168.1.2", "172.16.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "fd00::1", "::1"]


@pytest.mark.parametrize("host", ["198.41.0.4", "2001:500:2::c"])
def test_public_addresses_may_be_asked(host):
    assert may_be_asked(host, False)
    assert may_be_asked(host, True)


@pytest.mark.parametrize("host", [*PRIVATE, "0a1b2c3d-0000-4000-8000-000000000000.local"])
def test_private_ones_unless_the_host_forbids_them(host):
    assert may_be_asked(host, False)
    assert not may_be_asked(host, True)


@pytest.mark.parametrize("prefix", ["::ffff:", "64:ff9b::", "64:ff9b:1::"])
def test_an_ipv6_address_that_leads_to_a_private_ipv4_address_is_private(prefix):
    assert may_be_asked(f"{prefix}10.0.0.1", False)
    assert not may_be_asked(f"{prefix}10.0.0.1", True)
    assert not may_be_asked(f"{prefix}224.0.0.251", False)


def test_an_address_of_a_networks_own_nat64_is_private_wherever_ipv4_stands_in_it():
    """The first leads to 10.0.0.1 by a translator of 48 bits (RFC 6052, section 2.2)."""
    for host in ("64:ff9b:1:a00:0:100:808:808", "64:ff9b:1::808:808"):
        assert may_be_asked(host, False)
        assert not may_be_asked(host, True)


def test_so_is_one_of_6to4():
    assert may_be_asked("2002:c629:4::1", True)  # 198.41.0.4
    assert not may_be_asked("2002:a00:1::1", True)  # 10.0.0.1


@pytest.mark.parametrize("host", ["224.0.0.251", "ff02::1", "0.0.0.0", "::", "255.255.255.255", "example.org", ""])
def test_others_never(host):
    assert not may_be_asked(host, False)
    assert not may_be_asked(host, True)


def test_the_connection_gets_the_candidates_that_are_left(monkeypatch):
    added = []

    async def add(self, candidate):
        added.append(candidate and candidate.host)

    monkeypatch.setattr(ice.Connection, "add_remote_candidate", add)
    monkeypatch.setattr(peer_addresses, "settings", lambda: SimpleNamespace(forbid_private_peers=True))
    peer_addresses.patch_candidates()
    for host in ("198.41.0.4", "10.0.0.1"):
        asyncio.run(ice.Connection.add_remote_candidate(None, SimpleNamespace(host=host)))
    asyncio.run(ice.Connection.add_remote_candidate(None, None))
    assert added == ["198.41.0.4", None]
