"""The OpenAPI description of POST /filter, made from the same limits and names that the code goes by."""

from __future__ import annotations

from typing import Any

from colorfilter.catalog import FILTERS
from colorfilter.stills.decode import FORMATS

COLOR = {
    "type": "string",
    "pattern": f"^({'|'.join(FILTERS)}|#[0-9a-fA-F]{{6}})$",
    "description": "The name of a filter, or a color as #rrggbb.",
    "example": "red",
}
STRENGTH = {"type": "number", "minimum": 0, "maximum": 1, "default": 1, "description": "0 is no filter."}
DATA_URL = {"type": "string", "pattern": "^data:[a-zA-Z0-9/+.-]*;base64,[A-Za-z0-9+/]*=*$"}
ERRORS = {
    "400": "Unknown color, wrong strength, bad base64, bad JSON or a missing field",
    "405": "A method other than GET, POST and OPTIONS",
    "408": "The body did not arrive in time",
    "413": "Too many bytes or too many pixels",
    "415": "Not a picture, or only a part of one",
    "429": "Too many pictures are in work",
}


def description(max_body: int, base_path: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a server that takes bodies of up to `max_body` bytes below a path, "" or "/lab"."""
    return {
        "openapi": "3.1.0",
        "servers": [{"url": base_path or "/"}],
        "info": {"title": "Color Filter", "version": "1.0.0", "description": "A color or vision filter on a picture."},
        "paths": {
            "/filter": {
                "get": {
                    "summary": "What there is: colors, vision filters, limits, an example",
                    "responses": {"200": _json(INFO)},
                },
                "post": {
                    "summary": "Filter a picture",
                    "description": f"The body has at most {max_body} bytes. A picture file in the body takes its "
                    "color and strength from the query, JSON has them in its fields.",
                    "parameters": [
                        {"name": "color", "in": "query", "schema": COLOR},
                        {"name": "strength", "in": "query", "schema": STRENGTH},
                    ],
                    "requestBody": {"required": True, "content": _bodies()},
                    "responses": {"200": _filtered(), **{code: _json(ERROR, text) for code, text in ERRORS.items()}},
                },
            }
        },
    }


ERROR = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
INFO = {
    "type": "object",
    "properties": {
        "colors": {"type": "object", "additionalProperties": {"type": "string", "pattern": "^#[0-9a-f]{6}$"}},
        "vision": {"type": "object", "additionalProperties": {"type": "string"}},
        "limits": {"type": "object", "additionalProperties": {"type": "integer"}},
        "example": {"type": "string"},
    },
    "required": ["colors", "vision", "limits", "example"],
}


def _bodies() -> dict[str, Any]:
    fields = {"image": DATA_URL, "color": COLOR, "strength": STRENGTH}
    request = {"type": "object", "properties": fields, "required": ["image", "color"]}
    files = {f"image/{name.lower()}": {"schema": {"type": "string", "format": "binary"}} for name in FORMATS}
    return {"application/json": {"schema": request}, **files}


def _filtered() -> dict[str, Any]:
    answer = {"type": "object", "properties": {"image": DATA_URL}, "required": ["image"]}
    png = {"type": "string", "format": "binary"}
    content = {"application/json": {"schema": answer}, "image/png": {"schema": png}}
    return {"description": "The filtered picture, in JSON if the request was", "content": content}


def _json(schema: dict[str, Any], description: str = "What there is") -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
