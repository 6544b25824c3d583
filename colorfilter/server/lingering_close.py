"""A refusal that its client reads, although the body was not read to its end.

If a connection is closed while bytes of the client are unread, the kernel resets it, and the client may never see the
answer. So the answer goes out first, then what is left of the body is read, and then the connection closes
(RFC 9112, 9.6).
"""

from __future__ import annotations

import asyncio
import contextlib

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Send

from colorfilter.stills.decode import MEGA

MAX_DISCARDED_BYTES = 64 * MEGA
MAX_PAUSE_S = 5.0  # that a client may make while the rest of its body is read


class Body:
    """The messages of one request's body, and whether the last one has come: after it the server sends no other."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.ended = False

    async def receive(self) -> Message:
        message = await self._receive()
        self.ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message


class LingeringClose:
    """Refuses requests of one server. At most `most` of them linger at once; the others close as soon as they may."""

    def __init__(self, most: int) -> None:
        self._left = most

    async def refuse(self, response: Response, request: Request, body: Body, send: Send, seconds: float) -> None:
        """Send the response at once. If the connection then closes, discard the body before, for at most `seconds`."""
        if not _closes(request, body, response):
            await response(request.scope, body.receive, send)
            return
        # With this encoding Streamlit's compression lets the answer through as it is, with its length.
        response.headers.update({"Connection": "close", "Content-Encoding": "identity"})

        async def send_unfinished(message: Message) -> None:
            await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

        await response(request.scope, body.receive, send_unfinished)
        if self._left > 0:
            self._left -= 1
            try:
                await _discard(body, seconds)
            finally:
                self._left += 1
        await send({"type": "http.response.body"})


def _closes(request: Request, body: Body, response: Response) -> bool:
    """Whether the client wants the connection closed, or what is left of the body is not to be waited for.

    That is one of unknown length, one of more than MAX_DISCARDED_BYTES, and one that did not arrive in time (408).
    """
    headers = request.headers
    if request.scope["http_version"] == "1.0" or "close" in headers.get("connection", "").lower():
        return True
    length = int(headers.get("content-length", 0))
    long = "transfer-encoding" in headers or length > MAX_DISCARDED_BYTES or response.status_code == 408
    return long and not body.ended


async def _discard(body: Body, seconds: float) -> None:
    """Read the rest of the body, up to MAX_DISCARDED_BYTES, unless the client takes or pauses too long."""
    discarded = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not body.ended and discarded < MAX_DISCARDED_BYTES:
                message = await asyncio.wait_for(body.receive(), MAX_PAUSE_S)
                discarded += len(message.get("body", b""))
