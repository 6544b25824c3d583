"""What becomes of an access to Streamlit's internals where the internal has moved."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from colorfilter.host.logs import warn_once

P = ParamSpec("P")
T = TypeVar("T")

MOVED = (AttributeError, ImportError, RuntimeError, TypeError)


def guarded(purpose: str, fallback: Any) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return `fallback` where the function meets an internal that has moved; log once that `purpose` is lost.

    A function's imports of Streamlit stand inside it, so that this holds for them too.
    """

    def decorate(access: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(access)
        def access_or_fallback(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return access(*args, **kwargs)
            except MOVED as error:
                warn_once(f"The app goes on without {purpose}: Streamlit has moved an internal ({error}).")
                result: T = fallback
                return result

        return access_or_fallback

    return decorate
