"""Limits on uploads to the page: how many at once, how many are kept, how long one may stand still."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from colorfilter.host.settings import Settings, settings
from colorfilter.host.streamlit_internals import drop_oldest_uploads
from colorfilter.host.visitors_memory import NoRoom, VisitorsMemory, visitors_memory

PATH = "/_stcore/upload_file/"
MAX_STALLS = 10  # an upload may take so many times `body_seconds` in all
MARK = "colorfilter.upload"


class UploadLimits:
    """Lets the bytes of an upload through, or raises HTTPException: 408, 429 or 507.

    Beyond `max_uploads` files of one page, the oldest is dropped as the next one comes.
    """

    def __init__(self, limits: Settings, memory: VisitorsMemory) -> None:
        self._limits, self._memory = limits, memory
        self._coming: Counter[str] = Counter()  # uploads under way of each page
        self._bytes = 0

    async def pass_on(self, page: str, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks of one upload of the page with this session id."""
        if self._coming[page] >= self._limits.max_uploads:
            raise _refusal(429, "Too many uploads at once.")
        drop_oldest_uploads(page, self._limits.max_uploads - 1)
        self._coming[page] += 1
        deadline, count = _now() + MAX_STALLS * self._limits.body_seconds, 0
        try:
            while (chunk := await self._next(chunks, deadline)) is not None:
                count += len(chunk)
                self._bytes += len(chunk)
                try:
                    self._memory.require(self._bytes)
                except NoRoom as error:
                    raise _refusal(507, str(error)) from None
                yield chunk
        finally:
            self._bytes -= count
            self._coming[page] -= 1
            if not self._coming[page]:
                del self._coming[page]

    async def _next(self, chunks: AsyncIterator[bytes], deadline: float) -> bytes | None:
        wait = min(self._limits.body_seconds, deadline - _now())
        try:
            return await asyncio.wait_for(anext(chunks), max(0.0, wait))
        except StopAsyncIteration:
            return None
        except TimeoutError:
            raise _refusal(408, "The upload stood still for too long.") from None


def _now() -> float:
    return asyncio.get_running_loop().time()


def _refusal(status: int, sentence: str) -> HTTPException:
    return HTTPException(status, sentence, {"Connection": "close"})


def limit_uploads() -> None:
    """Put the limits around the bytes of each upload, once in a process.

    Streamlit reads an upload by Starlette's `Request.stream`, a second time through a request of its own.
    """
    if hasattr(Request, MARK):
        return
    stream, limits = Request.stream, UploadLimits(settings(), visitors_memory())

    async def limited_stream(self: Any) -> AsyncIterator[bytes]:
        chunks = stream(self)
        if self.method == "PUT" and PATH in self.scope["path"] and MARK not in self.scope:
            self.scope[MARK] = True
            chunks = limits.pass_on(self.path_params.get("session_id", ""), chunks)  # type: ignore[assignment]
        async with contextlib.aclosing(chunks):
            async for chunk in chunks:
                yield chunk

    setattr(Request, "stream", limited_stream)
    setattr(Request, MARK, True)
