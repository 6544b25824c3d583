"""Settings in, ICE servers out. The passwords are worked out from the definition."""

import base64
import hashlib
import json
import logging
from dataclasses import replace

import pytest

from colorfilter.host.logs import warn_once
from colorfilter.host.settings import load_settings
from colorfilter.webrtc.ice import servers

NOW = 1_700_000_000.25
STATIC = [{"urls": ["turn:relay.example:3478"], "username": "anna", "credential": "secret"}]


def chosen(provided=lambda accounts: None, **settings):
    loaded = load_settings(settings, {})
    found = servers.resolve_ice_servers(loaded, provided, NOW)
    return replace(found, troubles=[*loaded.problems, *found.troubles])


def hmac_sha1(secret, text):
    """base64(HMAC-SHA1(secret, text)), HMAC as RFC 2104, section 2, defines it."""
    key = secret.encode().ljust(64, b"\0")
    inner = hashlib.sha1(bytes(byte ^ 0x36 for byte in key) + text.encode()).digest()
    return base64.b64encode(hashlib.sha1(bytes(byte ^ 0x5C for byte in key) + inner).digest()).decode()


def test_user_name_and_password_are_those_of_the_definition():
    """draft-uberti-behave-turn-rest-00, section 2.2: timestamp:id, and base64(HMAC-SHA1(secret, user name))."""
    username, password = servers.credentials("north sea", "viewer", NOW)
    assert username == f"{1_700_000_000 + 30 * 60}:viewer"
    assert password == hmac_sha1("north sea", username)


def test_the_password_of_a_known_answer():
    """RFC 2202, section 3, test case 2."""
    digest = bytes.fromhex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    assert servers.password("Jefe", "what do ya want for nothing?") == base64.b64encode(digest).decode()


def test_own_turn_gives_each_viewer_a_name_and_never_the_secret():
    urls = "turn:relay.example:3478, turn:relay.example?transport=tcp,turns:relay.example:443"
    first, second = (chosen(turn_urls=urls, turn_secret="north sea") for _ in range(2))
    stun, turn = first.servers
    assert stun == {"urls": ["stun:relay.example:3478"]}
    assert turn["urls"] == [
        "turn:relay.example:3478",
        "turn:relay.example?transport=tcp",
        "turns:relay.example:443",
    ]
    assert turn["credential"] == hmac_sha1("north sea", turn["username"])
    assert "north sea" not in str(first)
    assert first.servers != second.servers
    assert first.troubles == []
    assert first.renew_at - NOW < servers.LIFETIME_S / 2


@pytest.mark.parametrize(
    ("first", "stun"),
    [
        ("turn:relay.example", ["stun:relay.example:3478"]),
        ("turn:relay.example:80?transport=udp", ["stun:relay.example:80"]),
        ("turn:relay.example?transport=tcp", None),
        ("turns:relay.example:443?transport=tcp", None),
    ],
)
def test_own_turn_tells_addresses_too_where_the_server_speaks_udp_with_it(first, stun):
    """Where it does not, the question would have no answer, and each start would wait for it."""
    servers = chosen(turn_urls=[first, "turn:other.example"], turn_secret="north sea").servers
    assert [server["urls"] for server in servers[:-1]] == ([stun] if stun else [])


def test_the_order_is_own_turn_a_list_a_provider_public_stun():
    own = {"turn_urls": "turn:own.example", "turn_secret": "s"}
    provided = [{"urls": ["stun:provider.example"]}]
    everything = chosen(lambda accounts: provided, ice_servers=STATIC, **own)
    assert everything.servers[-1]["urls"] == ["turn:own.example"]
    assert chosen(lambda accounts: provided, ice_servers=STATIC).servers == STATIC
    assert chosen(lambda accounts: provided).servers == provided
    assert chosen().servers == [{"urls": ["stun:stun.l.google.com:19302"]}]


def test_a_list_comes_as_tables_or_as_json_and_may_be_empty():
    for given in (STATIC, json.dumps(STATIC), json.dumps([{**STATIC[0], "urls": "turn:relay.example:3478"}])):
        assert chosen(ice_servers=given).servers == STATIC
    assert chosen(ice_servers="[]").servers == []


def test_relay_only_goes_to_both_ends():
    assert chosen(ice_servers=STATIC).configuration == {"iceServers": STATIC, "iceTransportPolicy": "all"}
    for yes in (True, "true", "1", "Yes"):
        both = chosen(ice_servers=STATIC, relay_only=yes).configuration
        assert both == {"iceServers": STATIC, "iceTransportPolicy": "relay"}
    for no in (False, "false", "0", "", None):
        assert not chosen(ice_servers=STATIC, relay_only=no).relay_only


def test_before_a_place_a_browser_gets_no_credentials():
    stun = {"urls": ["stun:relay.example:3478"]}
    found = chosen(ice_servers=[stun, *STATIC], relay_only=True)
    assert found.before_a_place == {"iceServers": [stun], "iceTransportPolicy": "relay", "credentialsFollow": True}
    assert chosen(ice_servers=[stun]).before_a_place["credentialsFollow"] is False


WRONG = [
    ({"turn_urls": "turn:a.example"}, "turn_urls is set but turn_secret is not; both are needed for a TURN server."),
    ({"turn_secret": "north sea"}, "turn_secret is set but turn_urls is not; both are needed for a TURN server."),
    (
        {"turn_urls": "relay.example", "turn_secret": "north sea"},
        "turn_urls: “relay.example” is no address such as turn:host:3478?transport=tcp.",
    ),
    (
        {"turn_urls": "stun:relay.example", "turn_secret": "north sea"},
        "turn_urls: “stun:relay.example” is no address such as turn:host:3478?transport=tcp.",
    ),
    (
        {"turn_urls": ["turn:[::1]:3478"], "turn_secret": "north sea"},
        "turn_urls: “turn:[::1]:3478” is no address such as turn:host:3478?transport=tcp.",
    ),
    (
        {"turn_urls": " , ", "turn_secret": "s"},
        "turn_secret is set but turn_urls is not; both are needed for a TURN server.",
    ),
    ({"ice_servers": [{"url": "stun:a"}]}, "ice_servers names no address; write one such as turn:host:3478."),
    (
        {"ice_servers": [{"urls": "stun:a?transport=tcp"}]},
        "ice_servers: “stun:a?transport=tcp” is no address such as turn:host:3478?transport=tcp.",
    ),
    (
        {"ice_servers": [{"urls": "turn:a", "username": "anna"}]},
        "ice_servers: turn:a needs a username and a credential.",
    ),
    ({"relay_only": True}, "relay_only needs a TURN server, and there is none; it counts as not set."),
]


@pytest.mark.parametrize(("settings", "sentence"), WRONG, ids=[str(settings) for settings, _ in WRONG])
def test_what_is_wrong_is_one_sentence_and_the_next_in_order_serves(settings, sentence, caplog):
    warn_once.cache_clear()
    with caplog.at_level(logging.WARNING):
        found, again = chosen(**settings), chosen(**settings)
    assert found.troubles == [sentence]
    assert caplog.messages == [sentence]  # once, not for every viewer
    assert found.servers == again.servers == servers.PUBLIC_STUN
    assert not found.relay_only
    assert "north sea" not in str(found)


def test_a_provider_that_fails_is_a_sentence_too():
    def fails(accounts):
        raise ValueError("Nobody gave TURN servers.")

    found = chosen(fails)
    assert (found.troubles, found.servers) == (["Nobody gave TURN servers."], servers.PUBLIC_STUN)
    assert found.renew_at - NOW < 60  # and is soon asked again
