"""Providers of TURN servers, asked in a thread: streamlit-webrtc's own functions, with the network cut before them."""

import io
import json
import threading
import urllib.error
import urllib.request

import pytest

from colorfilter.webrtc.ice import providers
from colorfilter.webrtc.ice.providers import Provider, Providers

CLOUDFLARE = {"CLOUDFLARE_TURN_KEY_ID": "key", "CLOUDFLARE_TURN_KEY_API_TOKEN": "token"}
SERVERS = [
    {"urls": ["stun:stun.example:3478"]},
    {"urls": ["turn:turn.example:3478?transport=udp"], "username": "u", "credential": "c"},
]


class Answer(io.BytesIO):
    status = 201


def test_without_an_account_nobody_is_asked():
    assert Providers().servers({}) is None


def test_half_an_account_is_none_and_the_log_says_so(caplog):
    assert Providers().servers({"TWILIO_ACCOUNT_SID": "sid"}) is None
    assert caplog.messages == ["TWILIO_AUTH_TOKEN is not set, so Twilio is not asked for TURN servers."]


def test_cloudflare_is_asked_once_for_all_viewers(monkeypatch):
    asked = []

    def answers(request, timeout):
        asked.append((request.full_url, request.headers["Authorization"]))
        return Answer(json.dumps({"iceServers": SERVERS}).encode())

    monkeypatch.setattr(urllib.request, "urlopen", answers)
    shared = Providers()
    assert [shared.servers(CLOUDFLARE) for _ in range(3)] == [SERVERS] * 3
    url = "https://rtc.live.cloudflare.com/v1/turn/keys/key/credentials/generate-ice-servers"
    assert asked == [(url, "Bearer token")]


def test_a_provider_without_stun_gets_public_stun(monkeypatch):
    answer = json.dumps({"username": "u", "credential": "c", "ttl": 600}).encode()

    def answers(request, timeout):
        reply = Answer(answer)
        reply.status = 200
        return reply

    monkeypatch.setattr(urllib.request, "urlopen", answers)
    turn = {"urls": ["turn:gradio-turn.com:80"], "username": "u", "credential": "c"}
    assert Providers().servers({"HF_TOKEN": "token"}) == [turn, {"urls": ["stun:stun.l.google.com:19302"]}]


def test_a_provider_that_fails_gives_way_to_the_next(monkeypatch, caplog):
    def refuses(request, timeout):
        raise urllib.error.URLError("refused")

    monkeypatch.setattr(urllib.request, "urlopen", refuses)
    second = Provider("Second", ("second",), lambda account: SERVERS)
    shared = Providers([*providers.PROVIDERS, second])
    assert shared.servers({**CLOUDFLARE, "second": "here"}) == SERVERS
    assert caplog.messages == [
        "Cloudflare gives no TURN servers: Failed to get credentials from Cloudflare Realtime TURN"
    ]
    with pytest.raises(ValueError, match=r"^Cloudflare gave no TURN servers, so the app goes on without; the log says"):
        Providers().servers(CLOUDFLARE)


def test_what_is_no_list_of_servers_is_a_failure():
    odd = Provider("Odd", ("odd",), lambda account: [{"urls": "http://example"}])
    with pytest.raises(ValueError, match=r"^Odd gave no TURN servers"):
        Providers([odd]).servers({"odd": "1"})


def test_a_provider_that_is_slow_holds_nobody_and_serves_once_it_has_answered(monkeypatch):
    monkeypatch.setattr(providers, "ANSWER_TIMEOUT_S", 0.05)
    answer, answered = threading.Event(), threading.Event()

    def slow(account):
        answer.wait(10)
        answered.set()
        return SERVERS

    shared = Providers([Provider("Slow", ("slow",), slow)])
    with pytest.raises(ValueError, match=r"^Slow has not answered yet; the app goes on without its TURN servers.$"):
        shared.servers({"slow": "1"})
    answer.set()
    answered.wait(10)
    monkeypatch.setattr(providers, "ANSWER_TIMEOUT_S", 10)
    assert shared.servers({"slow": "1"}) == SERVERS


def test_an_answer_is_asked_for_anew_in_time_and_serves_until_the_next_is_there(monkeypatch):
    class Clock:
        now = 0.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(providers, "time", clock)
    hold, numbers = threading.Event(), iter(range(1, 9))
    hold.set()

    def numbered(account):
        hold.wait(10)
        number = next(numbers)
        if number == 3:
            raise ValueError("not now")
        return [{"urls": f"stun:number{number}.example"}]

    shared = Providers([Provider("Numbered", ("n",), numbered)])
    ask = lambda: shared.servers({"n": "1"})[0]["urls"]  # noqa: E731
    assert ask() == ["stun:number1.example"]
    clock.now = providers.MAX_AGE_S - 1
    assert ask() == ["stun:number1.example"]
    hold.clear()
    clock.now = providers.MAX_AGE_S
    assert ask() == ["stun:number1.example"]  # the second is on its way
    hold.set()
    assert shared._asked.result(10) == [{"urls": ["stun:number2.example"]}]
    assert ask() == ["stun:number2.example"]
