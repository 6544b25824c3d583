"""Requests and answers of POST /filter, in bytes, without the web server.

In JSON, `{"image": "data:image/png;base64,...", "color": "red"}` answers `{"image": "data:image/png;base64,..."}`.
Else the body is a picture file, color and strength stand in the query, and the answer is PNG.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from colorfilter.catalog import filter_named
from colorfilter.filters import Filter
from colorfilter.stills.decode import PictureError, PictureTooLarge
from colorfilter.stills.pipeline import render_still
from colorfilter.views.options import ViewOptions

DATA_URL = re.compile(r"data:[\w.+/-]*(?:;[\w.+=-]+)*;base64,", re.ASCII)
MAX_COLOR_CHARACTERS = 100


class RequestError(Exception):
    """A request that cannot be answered: the HTTP status and one sentence for people."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status, sentence)
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True)
class Answer:
    """The body of an answer and its media type."""

    body: bytes
    media_type: str


def handle(body: bytes, media_type: str, query: Mapping[str, str]) -> Answer:
    """Filter the picture of one request. Raises RequestError with status 400, 413 or 415."""
    if media_type.lower().startswith("multipart/"):
        raise RequestError(415, "The body is the picture's file itself, not a form: curl --data-binary @photo.jpg.")
    # No picture starts like this, and `curl --data` says that its JSON is a form.
    if "json" in media_type.lower() or body.lstrip()[:1] == b"{":
        fields = _fields(body)
        color_filter = _color_filter(fields)
        png = base64.b64encode(_filtered(_picture_of(fields), color_filter))
        return Answer(b'{"image": "data:image/png;base64,%b"}' % png, "application/json")
    return Answer(_filtered(body, _color_filter(_typed(query))), "image/png")


def _fields(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError(400, "The body is not JSON.") from None
    if not isinstance(fields, dict):
        raise RequestError(400, 'The body is a JSON object, {"image": ..., "color": ...}.')
    return fields


def _picture_of(fields: Mapping[str, Any]) -> bytes:
    if "image" not in fields:
        raise RequestError(400, 'The field "image" is missing.')
    url = fields["image"]
    start = DATA_URL.match(url) if isinstance(url, str) else None
    if not start:
        raise RequestError(400, 'The field "image" is a data URL: data:image/png;base64,...')
    try:
        return base64.b64decode(url[start.end() :], validate=True)
    except ValueError:
        raise RequestError(400, 'The field "image" is not valid base64.') from None


def _typed(query: Mapping[str, str]) -> dict[str, Any]:
    """The query's fields as JSON would have them."""
    fields: dict[str, Any] = dict(query)
    with suppress(KeyError, ValueError):
        fields["strength"] = float(fields["strength"])
    return fields


def _color_filter(fields: Mapping[str, Any]) -> Filter:
    if "color" not in fields:
        raise RequestError(400, "The color is missing: name one of GET /filter, or #rrggbb (%23rrggbb in a URL).")
    color, strength = fields["color"], fields.get("strength", 1)
    if not isinstance(color, str) or len(color) > MAX_COLOR_CHARACTERS:
        raise RequestError(400, "The color is a name of GET /filter or #rrggbb.")
    if isinstance(strength, bool) or not isinstance(strength, int | float):
        raise RequestError(400, "The strength is a number from 0 to 1.")
    try:
        return filter_named(color).at_strength(strength)
    except ValueError as error:
        raise RequestError(400, str(error)) from None


def _filtered(data: bytes, color_filter: Filter) -> bytes:
    try:
        return render_still(data, ViewOptions(color_filter))
    except PictureTooLarge as error:
        raise RequestError(413, str(error)) from None
    except PictureError as error:
        raise RequestError(415, str(error)) from None
    except MemoryError:
        raise RequestError(413, "There is not enough memory for this picture.") from None
