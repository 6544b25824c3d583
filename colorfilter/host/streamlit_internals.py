"""Access to Streamlit's internals: sessions, media files, the server's socket and options. Read in Streamlit 1.67.

requirements.txt holds Streamlit to that minor version. If an internal has moved all the same, the log says so in one
line, and the app goes on without it (`moved`). What has to do with runs of the page is in `streamlit_runs`.
"""

from __future__ import annotations

import functools
import ipaddress
import socket
import threading
from pathlib import Path
from typing import Any

from colorfilter.host.moved import guarded

MEGABYTE = 1 << 20  # Streamlit's, in server.maxUploadSize
DEFAULT_SESSION_TTL_S = 120.0  # Streamlit's own

# ---- Sessions --------------------------------------------------------------------------------------------------


@guarded("knowing which page a run of the script is for", None)
def current_run_context() -> Any:
    """Streamlit's context of this run of the script; None outside of one."""
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    return get_script_run_ctx(suppress_warning=True)


@guarded("knowing which page a run of the script is for", None)
def current_session_id() -> str | None:
    """The session of this run of the script; None outside of one."""
    context = current_run_context()
    return str(context.session_id) if context else None


@guarded("knowing which pages are open", True)
def is_session_active(session_id: str) -> bool:
    """Whether the page still has its WebSocket to Streamlit; True if that is unknown."""
    from streamlit import runtime

    return not runtime.exists() or bool(runtime.get_instance()._session_mgr.is_active_session(session_id))


@guarded("a limit on the tabs of one browser", None)
def current_browser() -> str | None:
    """The token in the cookie that Streamlit gives each browser; all tabs share it. None without a cookie."""
    import streamlit as st
    from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string
    from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

    token, _ = decode_xsrf_token_string(st.context.cookies.get(XSRF_COOKIE_NAME, ""))
    return token.hex() if token else None


@guarded("a sentence where uploads cannot work", None)
def uploads_cookie() -> str | None:
    """The name of the cookie without which Streamlit refuses uploads; None if it takes them without."""
    from streamlit.web.server.server_util import is_xsrf_enabled
    from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

    return XSRF_COOKIE_NAME if is_xsrf_enabled() else None


@guarded("closing sessions that were left", None)
def close_session(session_id: str) -> None:
    """Have Streamlit forget the session with all that it holds: snapshots, a clip, uploads."""
    from streamlit import runtime

    running = runtime.get_instance()
    running._get_async_objs().eventloop.call_soon_threadsafe(running.close_session, session_id)


@guarded("Streamlit's setting of how long sessions last", DEFAULT_SESSION_TTL_S)
def session_ttl() -> float:
    """Seconds for which Streamlit keeps the session of a closed page, in case the page comes back."""
    from streamlit import config

    return float(config.get_option("server.disconnectedSessionTTL"))


# ---- Media files -----------------------------------------------------------------------------------------------


@guarded("keeping files while the page runs", None)
def keep_media_file(data: bytes, mime: str, place: str, file_name: str | None = None, download: bool = False) -> None:
    """Keep a file that the page shows at `place` for this session. Call it in a run of the script."""
    from streamlit import runtime

    runtime.get_instance().media_file_mgr.add(data, mime, place, file_name, download)


@guarded("keeping downloads until they were fetched", None)
def keep_download(data: bytes, mime: str, file_name: str, context: Any) -> None:
    """Keep a file that was made when a download was pressed, for the session of `context` (`current_run_context`).

    Streamlit keeps a file for the session of the thread that adds it, so a thread of that session adds it.
    """
    from streamlit.runtime.scriptrunner import add_script_run_ctx

    thread = threading.Thread(target=keep_media_file, args=(data, mime, "download", file_name, True))
    add_script_run_ctx(thread, context)
    thread.start()
    thread.join()


@guarded("a limit on uploads", 0)
def uploaded_bytes() -> int:
    """The bytes of all uploaded files."""
    from streamlit import runtime

    manager: Any = runtime.get_instance()._uploaded_file_mgr if runtime.exists() else None
    return int(manager._total_bytes) if manager else 0


@guarded("a limit on uploads", None)
def drop_oldest_uploads(session_id: str, keep: int) -> None:
    """Forget all but the newest `keep` uploaded files of a session."""
    from streamlit import runtime

    if runtime.exists():
        manager: Any = runtime.get_instance()._uploaded_file_mgr
        files = list(manager.file_storage.get(session_id, ()))
        for file_id in files[: max(0, len(files) - keep)]:
            manager.remove_file(session_id, file_id)


# ---- The server ------------------------------------------------------------------------------------------------


@guarded("the secrets beside the page", None)
def set_main_script(script: Path) -> None:
    """Have Streamlit look for .streamlit/ beside the script too. Call this before settings are read.

    `st.App` does the same, but only once it is made, for which the settings must be known.
    """
    from streamlit import config

    if config._main_script_path is None:
        config._main_script_path = str(script.resolve())


@guarded("compressed scripts", None)
def static_folder() -> Path | None:
    """The folder with Streamlit's index.html and what that loads."""
    from streamlit import file_util

    return Path(file_util.get_static_dir())


@guarded("Streamlit's options", None)
def option(name: str) -> Any:
    """Streamlit's option of that name, such as "server.baseUrlPath"; None if it is not set."""
    from streamlit import config

    return config.get_option(name)


@guarded("compressed files of components", {})
def component_folders() -> dict[str, Path]:
    """The folder with the files of each component that was declared so far, by the component's name."""
    from streamlit import runtime

    declared: Any = runtime.get_instance().component_registry.get_components() if runtime.exists() else []
    return {component.name: Path(component.abspath) for component in declared if component.abspath}


@guarded("sending small answers at once", None)
def set_tcp_nodelay() -> None:
    """Have the server's sockets send small pieces at once (TCP_NODELAY).

    asyncio sets it by itself, but does not recognize the socket that Streamlit binds as TCP. The second part of an
    answer then waits for the client's delayed acknowledgment of the first, which is 40 ms.
    """
    from streamlit.web.server.starlette import starlette_server

    bind = starlette_server._bind_socket

    @functools.wraps(bind)
    def bind_without_delay(*args: Any, **kwargs: Any) -> socket.socket:
        bound = bind(*args, **kwargs)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        return bound

    starlette_server._bind_socket = bind_without_delay


@guarded("keeping uploads in memory alone", None)
def keep_uploads_in_memory() -> None:
    """Have Starlette hold what is uploaded in memory, up to Streamlit's limit. Beyond 1 MB it would be in a file."""
    from starlette.formparsers import MultiPartParser
    from streamlit import config

    MultiPartParser.spool_max_size = 2 * MEGABYTE * int(config.get_option("server.maxUploadSize"))


@guarded("keeping the event loop free of a look-up of its own address", None)
def never_ask_for_own_address() -> None:
    """Have Streamlit not ask an outside host for this server's public address.

    It does so for each WebSocket with a foreign Origin, on the event loop, which stands still for seconds.
    """
    from streamlit import net_util

    if net_util.get_external_ip is not None:
        setattr(net_util, "get_external_ip", lambda: None)


@guarded("brackets around an IPv6 address in the line that says where the page is", None)
def bracket_ipv6_addresses() -> None:
    """Have Streamlit write the page's URL as RFC 3986, section 3.2.2, has it: http://[::1]:8501."""
    from streamlit.web.server import server_util

    url_of = server_util.get_url

    @functools.wraps(url_of)
    def bracketed(host: str) -> str:
        return url_of(f"[{host}]" if _is_ipv6(host) else host)

    setattr(server_util, "get_url", bracketed)


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True


@guarded("STREAMLIT_ variables", {})
def options_from_environment(script: str) -> dict[str, Any]:
    """Streamlit's options that are set in STREAMLIT_... variables, by name.

    `streamlit run` reads them, `st.App.run` does not.
    """
    from streamlit import config
    from streamlit.web import cli

    read = cli.main_run.make_context("run", [script]).params
    names = {name: name.replace(".", "_") for name in config.get_config_options()}
    return {name: read[param] for name, param in names.items() if read.get(param) not in (None, ())}
