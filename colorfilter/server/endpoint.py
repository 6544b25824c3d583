"""/filter for the web server: limits on what comes in, errors as JSON, open to every web page."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from colorfilter.filters import PRESETS
from colorfilter.host import logs, metrics
from colorfilter.server.request import RequestError, handle
from colorfilter.server.worker_pool import Crash, Workers
from colorfilter.stills.decode import MAX_BYTES, MAX_PIXELS, MEGA

MAX_IN_WORK = 32
BODY_TIMEOUT_S = 30
# After a refusal keep the connection open if Content-Length is at most this many bytes, so that the client can finish
# sending and read the error.
MAX_DISCARDED_BYTES = 64 * MEGA
METHODS = "GET, POST, OPTIONS"
# Any web page may use the API.
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
EXAMPLE = "curl --data-binary @in.jpg -H 'Content-Type: image/jpeg' 'http://localhost:8501/filter?color=red' -o out.png"


class FilterEndpoint:
    """/filter as an ASGI app, for every method."""

    def __init__(self, max_body: int, workers: Workers) -> None:
        self.max_body = max_body
        self.workers = workers
        self.in_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, start = Request(scope, receive), time.monotonic()
        try:
            response = await self._respond(request)
        except RequestError as error:
            response = JSONResponse({"error": error.sentence}, error.status)
            if not _ends_soon(request):
                response.headers["Connection"] = "close"
            elif "close" in request.headers.get("connection", "").lower():
                await _discard_body(receive)
        except ClientDisconnect:
            return
        response.headers.update({"Allow": METHODS, **OPEN})
        if request.method == "POST":
            _note(request, response, time.monotonic() - start)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        match request.method:
            case "GET" | "HEAD":
                return JSONResponse(self._what_there_is())
            case "OPTIONS":
                return Response(status_code=204)
            case "POST":
                return await self._filter(request)
        raise RequestError(405, f"/filter takes {METHODS}, not {request.method}.")

    def _what_there_is(self) -> dict[str, Any]:
        limits = {"body_bytes": self.max_body, "picture_bytes": MAX_BYTES, "pixels": MAX_PIXELS}
        colors = {name: preset.hex for name, preset in PRESETS.items()}
        return {"colors": colors, "limits": limits, "example": EXAMPLE}

    async def _filter(self, request: Request) -> Response:
        if self.in_work >= MAX_IN_WORK:
            raise RequestError(429, f"{MAX_IN_WORK} pictures are in work, which is the limit: try again in a second.")
        self.in_work += 1
        try:
            async with asyncio.timeout(BODY_TIMEOUT_S):
                body = await _read_body(request, self.max_body)
            media_type = request.headers.get("content-type", "")
            done = await self.workers.run(handle, body, media_type, dict(request.query_params))
        except TimeoutError:
            raise RequestError(408, f"The body did not arrive in {BODY_TIMEOUT_S} seconds.") from None
        except Crash:
            raise RequestError(415, "The picture is damaged.") from None
        finally:
            self.in_work -= 1
        # Or else Streamlit would compress base64 on the event loop, 4 MB at a time.
        return Response(done.body, media_type=done.media_type, headers={"Content-Encoding": "identity"})


def _note(request: Request, response: Response, seconds: float) -> None:
    """Count and log a still that was filtered or refused."""
    metrics.STILLS.labels(response.status_code).inc()
    peer = request.client.host if request.client else None
    logs.log_event(
        "still filtered" if response.status_code == 200 else "still refused",
        status=response.status_code,
        milliseconds=round(1000 * seconds),
        address=logs.visitor_address(request.headers, peer),
    )


async def _read_body(request: Request, limit: int) -> bytes:
    """The body, of which not much more than `limit` bytes is ever held. Raises RequestError 413."""
    too_large = RequestError(413, f"The body has more than {limit / MEGA:g} MB, which is the limit.")
    if int(request.headers.get("content-length", 0)) > limit:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large
    return bytes(body)


def _ends_soon(request: Request) -> bool:
    """Whether the body is announced and short enough to wait for its end."""
    headers = request.headers
    return "transfer-encoding" not in headers and int(headers.get("content-length", 0)) <= MAX_DISCARDED_BYTES


async def _discard_body(receive: Receive) -> None:
    """Read what is left of the body. The server closes the connection after the answer, as the client wished.

    Bytes that are unread by then make the kernel reset the connection, and the client never sees the answer.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(BODY_TIMEOUT_S):
            message = await receive()
            while message["type"] == "http.request" and message.get("more_body", False):
                message = await receive()
