"""/filter for the web server: limits on what comes in, errors as JSON, open to every web page."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from contextlib import AbstractAsyncContextManager
from typing import Any
from weakref import WeakValueDictionary

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from colorfilter.filters import PRESETS
from colorfilter.host import logs, metrics
from colorfilter.host.capacity import public_network
from colorfilter.host.settings import Settings
from colorfilter.host.worker_pool import Crash, TooLong, Workers
from colorfilter.server.lingering_close import Body, LingeringClose
from colorfilter.server.request import Answer, RequestError, handle
from colorfilter.stills.decode import MAX_BYTES, MAX_PIXELS, MEGA
from colorfilter.vision.picture import VISION

METHODS = "GET, POST, OPTIONS"
# Any web page may use the API.
CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
EXAMPLE = "curl --data-binary @in.jpg -H 'Content-Type: image/jpeg' 'http://localhost:8501/filter?color=red' -o out.png"


class FilterEndpoint:
    """/filter as an ASGI app, for every method."""

    def __init__(self, limits: Settings, workers: Workers) -> None:
        self.limits, self.max_body = limits, round(limits.max_body_mb * MEGA)
        self.workers = workers
        self.lingering = LingeringClose(limits.max_posts)
        self.in_work = 0
        self.held = 0  # bytes of bodies in memory
        self.open: Counter[str] = Counter()  # requests of each public network
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()  # of those networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, start = Body(receive), time.monotonic()
        request = Request(scope, body.receive)
        refused = False
        try:
            response = await self._respond(request)
        except RequestError as error:
            response, refused = JSONResponse({"error": error.sentence}, error.status), True
        except ClientDisconnect:
            return
        response.headers.update({"Allow": METHODS, **CORS_HEADERS})
        if request.method == "POST":
            _note(request, response, time.monotonic() - start)
        if refused:
            await self.lingering.refuse(response, request, body, send, self.limits.body_seconds)
        else:
            await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        match request.method:
            case "GET" | "HEAD":
                return JSONResponse(self._what_there_is())
            case "OPTIONS":
                return Response(status_code=204)
            case "POST":
                return await self._filter_for(_network(request), request)
        raise RequestError(405, f"/filter takes {METHODS}, not {request.method}.")

    def _what_there_is(self) -> dict[str, Any]:
        limits = {"body_bytes": self.max_body, "picture_bytes": MAX_BYTES, "pixels": MAX_PIXELS}
        colors = {name: preset.hex for name, preset in PRESETS.items()}
        vision = {name: one.describe() for name, one in VISION.items()}
        return {"colors": colors, "vision": vision, "limits": limits, "example": EXAMPLE}

    async def _filter_for(self, network: str | None, request: Request) -> Response:
        """The answer, if this network has few requests open. A private address, which many share, has no limit."""
        if network is None:
            return await self._filter(request, contextlib.nullcontext())
        if self.open[network] >= self.limits.max_posts_per_address:
            raise RequestError(429, f"{self.open[network]} requests of your network's address are open: try again.")
        self.open[network] += 1
        # One network never has all workers while others wait: slow pictures of one are slow for that one.
        turn = self._turns.setdefault(network, asyncio.Semaphore(max(1, self.workers.count - 1)))
        try:
            return await self._filter(request, turn)
        finally:
            self.open[network] -= 1
            if not self.open[network]:
                del self.open[network]

    async def _filter(self, request: Request, turn: AbstractAsyncContextManager[None]) -> Response:
        body = bytearray()
        try:
            async with asyncio.timeout(self.limits.body_seconds):
                await self._read_body(request, body)
            async with turn:
                done = await self._work(request, bytes(body))
        except TimeoutError:
            raise RequestError(408, f"The body did not arrive in {self.limits.body_seconds:g} seconds.") from None
        finally:
            self.held -= len(body)
        # Without this encoding Streamlit would compress base64 on the event loop, 4 MB at a time.
        return Response(done.body, media_type=done.media_type, headers={"Content-Encoding": "identity"})

    async def _read_body(self, request: Request, body: bytearray) -> None:
        """Append the request's body. Raises RequestError 413 above the limit, 429 above that for all bodies together.

        A client that is connected and sends nothing takes no room.
        """
        too_large = RequestError(413, f"The body has more than {self.max_body / MEGA:g} MB, which is the limit.")
        if int(request.headers.get("content-length", 0)) > self.max_body:
            raise too_large
        async for chunk in request.stream():
            if self.held + len(chunk) > self.limits.max_posts * self.max_body:
                raise RequestError(429, "Too many bodies are on their way: try again in a second.")
            body += chunk
            self.held += len(chunk)
            if len(body) > self.max_body:
                raise too_large

    async def _work(self, request: Request, body: bytes) -> Answer:
        if self.in_work >= self.limits.max_posts:
            raise RequestError(429, f"{self.in_work} pictures are in work, which is the limit: try again in a second.")
        self.in_work += 1
        try:
            media_type = request.headers.get("content-type", "")
            return await self.workers.run(handle, body, media_type, dict(request.query_params))
        except Crash:
            raise RequestError(415, "The picture is damaged.") from None
        except TooLong:
            limit = f"{self.limits.work_seconds:g} s"
            raise RequestError(413, f"The picture takes more than {limit} to filter, which is the limit.") from None
        finally:
            self.in_work -= 1


def _network(request: Request) -> str | None:
    return public_network(logs.client_address(request.headers, request.client.host if request.client else None))


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
