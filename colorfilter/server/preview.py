"""The picture that a chat or a feed shows for a link to the page: the test card through six filters."""

from __future__ import annotations

import functools

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from colorfilter.stills.drawing import card
from colorfilter.stills.photo import encode_for_screen
from colorfilter.views.still import sheet_image

# Pixels of the card. Its six views are 1200 x 630 together, as those who show previews want them (ogp.me).
CARD = 1200, 945
HEADERS = {"Cache-Control": "public, max-age=86400"}


async def preview(request: Request) -> Response:
    """GET /preview.jpg."""
    return Response(await run_in_threadpool(_picture), media_type="image/jpeg", headers=HEADERS)


@functools.cache
def _picture() -> bytes:
    return encode_for_screen(sheet_image(card(*CARD)))
