"""What is reached of Streamlit's insides: sessions, media files, the server's socket. Read in Streamlit 1.67.

requirements.txt holds Streamlit to that minor version. Where a place has moved all the same, the log says so in one
line, and the app goes on without what it was reached for.
"""

from __future__ import annotations

import socket
import threading
from typing import Any

from streamlit import config, runtime
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from colorfilter.host.logs import warn_once


def _moved(what: str, error: Exception) -> None:
    warn_once(f"The app goes on without {what}: a place in Streamlit has moved ({error}).")


# ---- Sessions --------------------------------------------------------------------------------------------------


def current_session_id() -> str | None:
    """The session of this run of the script, None outside of one."""
    context = get_script_run_ctx()
    return context.session_id if context else None


def is_session_active(session_id: str) -> bool:
    """Whether the page still has its WebSocket to Streamlit; taken to be so where that cannot be seen."""
    if not runtime.exists():
        return True
    try:
        return bool(runtime.get_instance()._session_mgr.is_active_session(session_id))
    except AttributeError as error:
        _moved("knowing which pages are open", error)
        return True


def close_session(session_id: str) -> None:
    """Have Streamlit forget the session, with all that it holds: snapshots, a clip, uploads."""
    try:
        running = runtime.get_instance()
        running._get_async_objs().eventloop.call_soon_threadsafe(running.close_session, session_id)
    except AttributeError as error:
        _moved("closing sessions that were left", error)


def session_ttl() -> float:
    """Seconds for which Streamlit keeps the session of a page that was closed, in case the page comes back."""
    try:
        return float(config.get_option("server.disconnectedSessionTTL"))
    except (AttributeError, RuntimeError, TypeError) as error:
        _moved("the setting of how long sessions last", error)
        return 120.0


# ---- Media files -----------------------------------------------------------------------------------------------


def keep_media_file(data: bytes, mime: str, place: str) -> None:
    """Keep a file that the page shows at `place` for this session; call it in a run of the script."""
    try:
        runtime.get_instance().media_file_mgr.add(data, mime, place)
    except (AttributeError, TypeError) as error:
        _moved("keeping files while the page runs", error)


def keep_download(data: bytes, mime: str, file_name: str, context: Any) -> None:
    """Keep a file that was made at a press, for the session of that script run context.

    Streamlit keeps a file for the session of the thread that adds it, so a thread of that session adds it.
    """

    def add() -> None:
        try:
            runtime.get_instance().media_file_mgr.add(data, mime, "download", file_name, True)
        except (AttributeError, TypeError) as error:
            _moved("keeping downloads until they were fetched", error)

    keep = threading.Thread(target=add)
    add_script_run_ctx(keep, context)
    keep.start()
    keep.join()


# ---- The server ------------------------------------------------------------------------------------------------


def send_without_delay() -> None:
    """Have the server's sockets send small pieces at once (TCP_NODELAY).

    asyncio sees to that, but does not recognize the socket that Streamlit binds as TCP. The second part of an answer
    then waits for the client's delayed acknowledgment of the first, which is 40 ms.
    """
    try:
        from streamlit.web.server.starlette import starlette_server

        bind = starlette_server._bind_socket
    except (ImportError, AttributeError) as error:
        return _moved("sending small answers at once", error)

    def bind_without_delay(*args: Any, **kwargs: Any) -> socket.socket:
        bound = bind(*args, **kwargs)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        return bound

    starlette_server._bind_socket = bind_without_delay
    return None


def options_from_environment(script: str) -> dict[str, Any]:
    """Streamlit's options that stand in STREAMLIT_... variables, by name.

    `streamlit run` reads them, `st.App.run` does not.
    """
    try:
        from streamlit.web import cli

        read = cli.main_run.make_context("run", [script]).params
        names = {name: name.replace(".", "_") for name in config.get_config_options()}
    except (ImportError, AttributeError) as error:
        _moved("STREAMLIT_ variables", error)
        return {}
    return {name: read[param] for name, param in names.items() if read.get(param) not in (None, ())}
