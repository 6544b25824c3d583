"""TURN servers of the providers that streamlit-webrtc knows, asked for beside the page and shared by its viewers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from streamlit_webrtc import get_cloudflare_ice_servers, get_hf_ice_servers, get_twilio_ice_servers

from colorfilter.host.logs import warn_once
from colorfilter.host.settings import Account
from colorfilter.webrtc.ice.servers import PUBLIC_STUN, Servers, has, server_from

logger = logging.getLogger(__name__)

ANSWER_TIMEOUT_S = 2.0  # how long a page waits for an answer
MAX_AGE_S = 20 * 60.0  # how long an answer serves; the shortest credentials, Twilio's, are good for an hour
RETRY_INTERVAL_S = 60.0  # from a failure to the next question


@dataclass(frozen=True)
class Provider:
    """A provider, the settings that make an account, and what asks it for ICE servers with these."""

    name: str
    account: tuple[str, ...]
    ask: Callable[..., Any]

    def servers(self, account: list[str]) -> Servers:
        """What the provider gives, checked, and public STUN if it gives none.

        Without the functions' own cache: it keeps for an hour what is good for an hour.
        """
        ask = getattr(self.ask, "__wrapped__", self.ask)
        servers = [server_from(self.name, server) for server in ask(*account)]
        return servers if any(has(server, "stun") for server in servers) else [*servers, *PUBLIC_STUN]


# In the order in which streamlit-webrtc asks them.
PROVIDERS = [
    Provider("Cloudflare", ("CLOUDFLARE_TURN_KEY_ID", "CLOUDFLARE_TURN_KEY_API_TOKEN"), get_cloudflare_ice_servers),
    Provider("Twilio", ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"), get_twilio_ice_servers),
    Provider("Hugging Face", ("HF_TOKEN",), get_hf_ice_servers),
]


class Providers:
    """Asks the first provider with an account, and the next one if that fails. Safe to use from any thread.

    A thread asks, so that no page waits for longer than `ANSWER_TIMEOUT_S`.
    """

    def __init__(self, providers: list[Provider] = PROVIDERS) -> None:
        self._providers = providers
        self._lock = threading.Lock()
        self._answer: Future[Servers] | None = None  # the newest answer that has come
        self._asked: Future[Servers] | None = None  # the newest question
        self._since = 0.0

    def servers(self, given: Account) -> Servers | None:
        """What the provider gives, None if there is no account with any.

        Raises ValueError with a sentence if it fails, is incomplete, or has not answered after `ANSWER_TIMEOUT_S`.
        """
        accounts = [(provider, account) for provider in self._providers if (account := account_of(provider, given))]
        if not accounts:
            return None
        asked = self._ask(accounts)
        try:
            return asked.result(ANSWER_TIMEOUT_S)
        except TimeoutError:
            names = " or ".join(provider.name for provider, _ in accounts)
            raise ValueError(f"{names} has not answered yet; the app goes on without its TURN servers.") from None

    def _ask(self, accounts: list[tuple[Provider, list[str]]]) -> Future[Servers]:
        """The newest answer, which may be still to come. An old one serves until the next has come."""
        with self._lock:
            if self._asked is not None and self._asked.done():
                self._answer = self._asked
            age = time.monotonic() - self._since
            failed = self._answer is not None and self._answer.exception() is not None
            if self._asked is None or age >= (RETRY_INTERVAL_S if failed else MAX_AGE_S):
                self._asked, self._since = Future(), time.monotonic()
                threading.Thread(
                    target=answer, args=(self._asked, accounts), name="TURN providers", daemon=True
                ).start()
            return self._asked if self._answer is None or failed else self._answer


def account_of(provider: Provider, given: Account) -> list[str]:
    """The values of its settings, by the names that streamlit-webrtc reads; empty if they are not all set."""
    values = [given.get(name, "") for name in provider.account]
    if any(values) and not all(values):
        missing = provider.account[values.index("")]
        warn_once(f"{missing} is not set, so {provider.name} is not asked for TURN servers.")
    return values if all(values) else []


def answer(asked: Future[Servers], accounts: list[tuple[Provider, list[str]]]) -> None:
    """Ask one provider after the other until one answers."""
    for provider, account in accounts:
        try:
            return asked.set_result(provider.servers(account))
        except Exception as error:
            logger.warning("%s gives no TURN servers: %s", provider.name, error)
    names = " and ".join(provider.name for provider, _ in accounts)
    asked.set_exception(ValueError(f"{names} gave no TURN servers, so the app goes on without; the log says why."))
