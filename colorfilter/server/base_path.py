"""The API under Streamlit's base path too: with `server.baseUrlPath` "lab", /lab/filter is /filter."""

from __future__ import annotations

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from colorfilter.host.streamlit_internals import option


def base_path() -> str:
    """The path below which Streamlit serves the page, such as "/lab"; empty if that is the root."""
    inner = (option("server.baseUrlPath") or "").strip("/")
    return f"/{inner}" if inner else ""


class BasePath:
    """ASGI middleware that takes the base path off the API's own paths. Streamlit sees to the page's."""

    def __init__(self, app: ASGIApp, paths: Collection[str]) -> None:
        base = base_path()
        self._app, self._inner = app, {base + path: path for path in paths} if base else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (inner := self._inner.get(scope["path"])):
            scope = {**scope, "path": inner, "raw_path": inner.encode()}
        await self._app(scope, receive, send)
