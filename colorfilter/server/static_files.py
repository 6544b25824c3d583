"""Streamlit's scripts and styles, and those of its components, answered from memory and compressed.

Streamlit sends its own as they are, 3 MB for a page, and compresses a component's for each visitor anew. Here both are
compressed once (`compression.py`); until then, and for clients that accept no coding, Streamlit answers.
"""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from colorfilter.host.streamlit_internals import component_folders, static_folder
from colorfilter.server.base_path import base_path
from colorfilter.server.compression import Compressor, accepted_codings
from colorfilter.server.front_page import FrontPage, scripts_of

MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
# A file's name has a hash of its content, so a browser need not ask again (RFC 8246).
CACHE_CONTROL = "public, immutable, max-age=31536000"


class StaticFiles:
    """ASGI middleware that answers GET and HEAD for files that it knows, and hands on everything else.

    A path is only looked up among the paths of files that are there, so none leads outside, and there are no more of
    them. `Range` is ignored, as it may be (RFC 9110, 14.2). A request from another origin is handed on to Streamlit,
    which knows whom it allows.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._base = app, base_path()
        self._files: dict[str, Path] = {}
        self._components: dict[str, list[str]] = {}  # what each one's index.html loads
        self._compressor = Compressor()
        self._front_page: FrontPage | None = None
        if folder := static_folder():
            self._add_files("/static", folder / "static")
            self._front_page = FrontPage(folder)
            for path in self._front_page.needed:
                self._compress(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response: ASGIApp | None = None
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"].startswith(self._base):
            response = self._answer(scope["path"].removeprefix(self._base), Headers(scope=scope))
        await (response or self._app)(scope, receive, send)

    def _answer(self, path: str, headers: Headers) -> Response | None:
        codings = accepted_codings(headers.get("accept-encoding", ""))
        if path == "/" and self._front_page:
            self._add_components()
            scripts = tuple(script for scripts in self._components.values() for script in scripts)
            return self._front_page.response(headers, codings, scripts)
        if _from_elsewhere(headers) or not (file := self._find(path)):
            return None
        self._compressor.add(file)
        if not (encoded := self._compressor.get(file, codings)):
            return None
        return encoded.response({"Content-Type": MEDIA_TYPES[file.suffix], "Cache-Control": CACHE_CONTROL}, headers)

    def _find(self, path: str) -> Path | None:
        if path not in self._files and path.startswith("/component/"):
            self._add_components()
        return self._files.get(path)

    def _add_components(self) -> None:
        for name, folder in component_folders().items():
            if name not in self._components:
                place = f"/component/{name}"
                self._add_files(f"{place}/assets", folder / "assets")
                self._components[name] = [f"{place}/{script}" for script in scripts_of(folder / "index.html")]
                for script in self._components[name]:
                    self._compress(script)

    def _compress(self, path: str) -> None:
        if path in self._files:
            self._compressor.add(self._files[path])

    def _add_files(self, path: str, folder: Path) -> None:
        for file in folder.rglob("*"):
            if file.suffix in MEDIA_TYPES:
                self._files[f"{path}/{file.relative_to(folder).as_posix()}"] = file


def _from_elsewhere(headers: Headers) -> bool:
    """Whether a page of another origin asks; browsers name their own too, for modules and fonts."""
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")
