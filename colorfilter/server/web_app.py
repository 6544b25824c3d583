"""What puts the page on a phone's home screen: a manifest (w3.org/TR/appmanifest) and icons.

No service worker: without the server there is nothing to show, and none can then keep what it should not.
"""

from __future__ import annotations

import functools

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from colorfilter.stills.drawing import mixing_lights
from colorfilter.stills.png import write_png

TITLE = "Color Filter"
DESCRIPTION = "Press one button and see your webcam through a color filter, live. Change the color as you watch."
MANIFEST, ICON = "app.webmanifest", "icon-{}.png"
APPLE_SIZE = 180  # pixels; what an iPhone takes
SIZES = (APPLE_SIZE, 192, 512)
SAFE_SHARE = 0.8  # of the side: a circle that stays whole, whatever shape a system cuts an icon to (maskable icons)
BACKGROUND = "#0b0a12"
CACHING = {"Cache-Control": "public, max-age=86400"}


def routes() -> list[Route]:
    """The manifest's and the icons'."""
    icons = [Route(f"/{ICON.format(size)}", functools.partial(_icon_of, size)) for size in SIZES]
    return [Route(f"/{MANIFEST}", _manifest_of), *icons]


def head() -> list[str]:
    """The lines for the page's head."""
    return [
        f'<link rel="manifest" href="./{MANIFEST}" />',
        f'<link rel="apple-touch-icon" href="./{ICON.format(APPLE_SIZE)}" />',
        f'<meta name="apple-mobile-web-app-title" content="{TITLE}" />',
        f'<meta name="theme-color" content="{BACKGROUND}" />',
    ]


def manifest() -> dict[str, object]:
    """The manifest. Its addresses are beside its own, below whatever path the page is."""
    icons = [
        {"src": ICON.format(n), "sizes": f"{n}x{n}", "type": "image/png", "purpose": "any maskable"} for n in SIZES
    ]
    colors = {"background_color": BACKGROUND, "theme_color": BACKGROUND}
    shown = {"start_url": ".", "scope": ".", "display": "standalone"}
    return {"name": TITLE, "short_name": TITLE, "description": DESCRIPTION, "icons": icons, **shown, **colors}


@functools.cache
def icon(size: int) -> bytes:
    """The three lights that mix, on black: a PNG of so many pixels a side."""
    lights = mixing_lights(round(SAFE_SHARE * size))
    picture = np.zeros((size, size, 3), np.uint8)
    start = (size - len(lights)) // 2
    part = picture[start : start + len(lights), start : start + len(lights)]
    part[:] = np.rint(lights[:, :, :3] * (lights[:, :, 3:] / 255))
    return write_png(picture)


async def _manifest_of(request: Request) -> Response:
    return JSONResponse(manifest(), headers=CACHING, media_type="application/manifest+json")


async def _icon_of(size: int, request: Request) -> Response:
    return Response(await run_in_threadpool(icon, size), media_type="image/png", headers=CACHING)
