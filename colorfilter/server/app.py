"""The page and POST /filter in one process: `python -m colorfilter serve`."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from colorfilter.host import logs, metrics
from colorfilter.host.capacity import all_places
from colorfilter.host.process import prepare_process
from colorfilter.host.settings import settings
from colorfilter.host.streamlit_internals import (
    bracket_ipv6_addresses,
    keep_uploads_in_memory,
    never_ask_for_own_address,
    options_from_environment,
    set_main_script,
    set_tcp_nodelay,
)
from colorfilter.host.uploads import limit_uploads
from colorfilter.host.visitors_memory import visitors_memory
from colorfilter.host.worker_pool import Workers
from colorfilter.server import shutdown, web_app
from colorfilter.server.base_path import BasePath, base_path
from colorfilter.server.endpoint import CORS_HEADERS, FilterEndpoint
from colorfilter.server.openapi import description
from colorfilter.server.preview import preview
from colorfilter.server.static_files import StaticFiles
from colorfilter.stills.decode import MEGA

PACKAGE = Path(__file__).parents[1]
# In a wheel the page's script and .streamlit/ lie in the package (setup.py), in a checkout beside it.
APP_FOLDER = PACKAGE / "_app" if (PACKAGE / "_app").is_dir() else PACKAGE.parent
PAGE = APP_FOLDER / "streamlit_app.py"


def serve(port: int | None = None, address: str | None = None, page: Path = PAGE) -> None:
    """Serve the page and the API until Ctrl+C. What is None here is as Streamlit's configuration has it.

    Raises FileNotFoundError without the page's script.
    """
    prepare_process()
    logs.configure_logging()
    page = page.resolve()
    set_main_script(page)
    app = create_app(page)
    if not page.is_file():
        raise FileNotFoundError(f"The page {page} is missing: install the package again, or serve from a checkout.")
    # Streamlit takes the script that was started for the page's, and looks beside it for .streamlit/config.toml.
    sys.argv = [str(page)]
    set_tcp_nodelay()
    keep_uploads_in_memory()
    limit_uploads()
    never_ask_for_own_address()
    bracket_ipv6_addresses()
    # uvicorn believes X-Forwarded-For from this machine. `logs.client_address` decides whose is believed.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    given = {"server.port": port, "server.address": address}
    options = {name: value for name, value in given.items() if value is not None}
    app.run(config=options_from_environment(str(page)) | options)


def create_app(page: Path = PAGE) -> st.App:
    """The ASGI app: Streamlit with its page, compressed, and /filter, /openapi.json, /preview.jpg, /ready, /metrics."""
    workers = Workers()

    @asynccontextmanager
    async def lifespan(app: st.App) -> AsyncIterator[None]:
        logs.configure_logging()
        shutdown.on_termination(all_places(), settings().drain_seconds)
        yield
        workers.stop()

    async def openapi(request: Request) -> Response:
        return JSONResponse(description(round(settings().max_body_mb * MEGA), base_path()), headers=CORS_HEADERS)

    routes = [Route("/filter", FilterEndpoint(settings(), workers)), Route("/openapi.json", openapi)]
    routes += [Route("/preview.jpg", preview), Route("/ready", _ready), *web_app.routes()]
    if settings().metrics:
        metrics.enable()
        routes.append(Route("/metrics", _metrics))
    middleware = [Middleware(BasePath, [route.path for route in routes]), Middleware(StaticFiles)]
    return st.App(page, routes=routes, middleware=middleware, lifespan=lifespan)


async def _ready(request: Request) -> Response:
    """Whether the server has room for one more viewer, for a load balancer: 200, or 503 when full or about to stop."""
    free = all_places().free_places()
    return PlainTextResponse(f"{free} places\n", 200 if free else 503)


async def _metrics(request: Request) -> Response:
    places = all_places()
    metrics.VIEWERS.set(places.taken)
    metrics.PLACES.set(places.free_places())
    metrics.HELD.set(visitors_memory().held())
    return Response(metrics.exposition(), headers={"Content-Type": metrics.CONTENT_TYPE})
