"""The page and POST /filter in one process: `python -m colorfilter serve`."""

from __future__ import annotations

import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from streamlit import config
from streamlit.web import cli
from streamlit.web.server.starlette import starlette_server

from colorfilter.host import logs, metrics, settings
from colorfilter.host.capacity import all_places
from colorfilter.server import shutdown
from colorfilter.server.endpoint import OPEN, FilterEndpoint, max_body_bytes
from colorfilter.server.openapi import description
from colorfilter.server.worker_pool import Workers

PAGE = Path(__file__).parents[2] / "streamlit_app.py"


def serve(port: int | None = None, address: str | None = None, page: Path = PAGE) -> None:
    """Serve the page and the API until Ctrl+C. What is None here is as Streamlit's configuration has it.

    Raises FileNotFoundError without the page's script, ValueError for a wrong COLORFILTER_MAX_BODY_MB.
    """
    app = create_app(page)
    if not page.is_file():
        raise FileNotFoundError(f"The page {page} is missing: serve from a checkout of the project.")
    # Streamlit takes the script that was started for the page's, and looks beside it for .streamlit/config.toml.
    sys.argv = [str(page)]
    _send_at_once()
    given = {"server.port": port, "server.address": address}
    app.run(config=_from_environment() | {name: value for name, value in given.items() if value is not None})


def _from_environment() -> dict[str, Any]:
    """Streamlit's settings that stand in STREAMLIT_... variables: `streamlit run` reads them, `st.App.run` does not."""
    read = cli.main_run.make_context("run", [str(PAGE)]).params
    names = {name: name.replace(".", "_") for name in config.get_config_options()}
    return {name: read[param] for name, param in names.items() if read.get(param) not in (None, ())}


def _send_at_once() -> None:
    """Have the server's sockets send small pieces at once.

    asyncio sees to that, but does not recognize the socket that Streamlit binds as TCP. The second part of an answer
    then waits for the client's delayed acknowledgment of the first, which is 40 ms.
    """
    bind = starlette_server._bind_socket

    def bind_without_delay(*args: Any, **kwargs: Any) -> socket.socket:
        bound = bind(*args, **kwargs)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        return bound

    starlette_server._bind_socket = bind_without_delay


def create_app(page: Path = PAGE) -> st.App:
    """The ASGI app: Streamlit with its page and, beside them, /filter, /openapi.json, /ready and /metrics.

    Raises ValueError for a setting that is wrong.
    """
    max_body, workers = max_body_bytes(), Workers()
    drain_seconds = settings.seconds("drain_seconds")
    settings.switch("log_addresses")

    @asynccontextmanager
    async def lifespan(app: st.App) -> AsyncIterator[None]:
        logs.start()
        shutdown.on_termination(all_places(), drain_seconds)
        yield
        workers.stop()

    async def openapi(request: Request) -> Response:
        return JSONResponse(description(max_body), headers=OPEN)

    routes = [Route("/filter", FilterEndpoint(max_body, workers)), Route("/openapi.json", openapi)]
    routes.append(Route("/ready", _ready))
    if settings.switch("metrics"):
        metrics.turn_on()
        routes.append(Route("/metrics", _metrics))
    return st.App(page, routes=routes, lifespan=lifespan)


async def _ready(request: Request) -> Response:
    """Whether the server has room for one more viewer, for a load balancer: 200, or 503 when full or about to stop."""
    free = all_places().free_places()
    return PlainTextResponse(f"{free} places\n", 200 if free else 503)


async def _metrics(request: Request) -> Response:
    places = all_places()
    metrics.VIEWERS.set(places.taken)
    metrics.PLACES.set(places.free_places())
    return Response(metrics.text(), headers={"Content-Type": metrics.CONTENT_TYPE})
