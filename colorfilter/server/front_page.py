"""Streamlit's index.html with what it lacks: a title and a picture for link previews, the page's frame, and hints.

The file itself stays as it is; the changed copy is in memory. Where the file looks other than expected, it goes out
unchanged, with one line in the log.
"""

from __future__ import annotations

import functools
import gzip
import json
import re
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response

from colorfilter.filters import PRESETS
from colorfilter.host.logs import warn_once
from colorfilter.host.streamlit_internals import option
from colorfilter.server.compression import Encoded
from colorfilter.server.web_app import DESCRIPTION, TITLE, head

PREVIEW = "preview.jpg"
FRAME = Path(__file__).with_name("frame.html")
# The elements of the page that Streamlit loads only when the script's first run names them.
ELEMENTS = (
    "Html",
    "ButtonGroup",
    "Button",
    "Radio",
    "Slider",
    "Checkbox",
    "ImageList",
    "ComponentInstance",
    "BidiComponent",
)
THEME = ("backgroundColor", "textColor", "primaryColor")
WHEEL = "conic-gradient(red, yellow, lime, cyan, blue, magenta, red)"  # the swatch of a color of one's own
HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
LOADED = re.compile(r'<(?:script|link)\b[^>]* (?:src|href)="\./([^"]+\.(?:js|css))"[^>]*>')


class Unexpected(Exception):
    """index.html has not what is to be changed."""


class FrontPage:
    """The page's HTML. `needed` has the paths of the scripts and styles that it loads, such as /static/js/index.js."""

    def __init__(self, folder: Path) -> None:
        """`folder` is Streamlit's, with index.html and manifest.json."""
        self._original = (folder / "index.html").read_text(encoding="utf-8")
        try:
            elements = element_scripts(json.loads((folder / "manifest.json").read_text(encoding="utf-8")), ELEMENTS)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            warn_once(f"The page's scripts are not asked for ahead: Streamlit's manifest.json has changed ({error!r}).")
            elements = []
        scripts = scripts_of(folder / "index.html")
        self._ahead = [script for script in elements if script not in scripts]
        self.needed = [f"/{script}" for script in [*scripts, *self._ahead]]

    def response(self, headers: Headers, codings: list[str], components: tuple[str, ...]) -> Response:
        """The answer to a request for the page with these headers. `components` are paths of scripts of components."""
        coding = "gzip" if "gzip" in codings else "identity"
        encoded = self._encoded(origin_of(headers), components, coding)
        return encoded.response({"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache"}, headers)

    @functools.lru_cache(maxsize=16)  # noqa: B019 (there is one front page in a process)
    def _encoded(self, origin: str, components: tuple[str, ...], coding: str) -> Encoded:
        data = self._html(origin, components).encode()
        return Encoded(coding, gzip.compress(data, mtime=0) if coding == "gzip" else data)

    def _html(self, origin: str, components: tuple[str, ...]) -> str:
        try:
            return changed(self._original, origin, self._ahead, components)
        except Unexpected as error:
            warn_once(f"The page has no frame and no link preview: Streamlit's index.html has changed ({error}).")
            return self._original


def changed(html: str, origin: str, ahead: list[str], components: tuple[str, ...]) -> str:
    """Streamlit's index.html with title, preview, frame and hints.

    Raises Unexpected if what is to be replaced is not there once.
    """
    style = _the_one(r'<link rel="stylesheet"[^>]*>', html)
    hints = [f'<link rel="modulepreload" crossorigin href="./{script}">' for script in ahead]
    hints += [f'<link rel="prefetch" crossorigin href=".{script}">' for script in components]
    # The style is what the first paint waits for, so it comes before the scripts.
    html = html.replace(style, "\n    ".join(hints))
    html = _replace("<title>Streamlit</title>", f"{_preview(origin)}\n    {style}", html)
    root = '<div id="root"></div>'
    return _replace(root, root + "\n" + _frame(), html)


def _the_one(pattern: str, html: str) -> str:
    found = re.findall(pattern, html)
    if len(found) != 1:
        raise Unexpected(f"{pattern} is there {len(found)} times")
    return str(found[0])


def _replace(old: str, new: str, html: str) -> str:
    return html.replace(_the_one(re.escape(old), html), new)


def _preview(origin: str) -> str:
    """The head's title, description and picture (ogp.me), and what a home screen takes."""
    picture = f"{origin}/{PREVIEW}" if origin else f"./{PREVIEW}"
    told = {"type": "website", "title": TITLE, "description": DESCRIPTION, "image": picture}
    told |= {"image:width": "1200", "image:height": "630", "image:alt": "A test card through six color filters"}
    lines = [f'<meta property="og:{name}" content="{escape(value)}" />' for name, value in told.items()]
    lines += [f'<meta name="description" content="{escape(DESCRIPTION)}" />']
    lines += ['<meta name="twitter:card" content="summary_large_image" />', *head(), f"<title>{TITLE}</title>"]
    return "\n    ".join(lines)


def _frame() -> str:
    """What is seen until the page itself is there: its frame, in the colors of Streamlit's theme."""
    schemes = {"light": ("#ffffff", "#31333f", "#ff4b4b"), "dark": ("#0e1117", "#fafafa", "#ff4b4b")}  # Streamlit's own
    colors = {
        f"{scheme}_{name}": escape(str(option(f"theme.{scheme}.{name}") or default))
        for scheme, defaults in schemes.items()
        for name, default in zip(THEME, defaults, strict=True)
    }
    backgrounds = [*(preset.hex for preset in PRESETS.values()), WHEEL]
    swatches = "".join(f'<i style="background: {background}"></i>' for background in backgrounds)
    return Template(FRAME.read_text(encoding="utf-8")).substitute(colors, swatches=swatches)


def scripts_of(html: Path) -> list[str]:
    """The scripts and styles that a built page loads, as "static/js/index.js"; none if there is no such file."""
    return LOADED.findall(html.read_text(encoding="utf-8")) if html.is_file() else []


def element_scripts(manifest: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    """The files of these elements and what they import, by Vite's manifest (vite.dev/guide/backend-integration)."""
    found: dict[str, None] = {}

    def visit(key: str) -> None:
        entry = manifest[key]
        if entry["file"] not in found:
            found[entry["file"]] = None
            for other in entry.get("imports", ()):
                visit(other)

    for key, entry in manifest.items():
        if entry.get("isDynamicEntry") and entry.get("name") in names:
            visit(key)
    return list(found)


def origin_of(headers: Headers) -> str:
    """Scheme and host under which the page was asked for, for the preview's picture; empty if the host is none."""
    host = headers.get("host", "")
    scheme = "https" if headers.get("x-forwarded-proto") == "https" else "http"
    return f"{scheme}://{host}" if HOST.fullmatch(host) else ""
