"""What our subclasses take from aiortc's classes beyond their public names: looked for once, when one is made."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])


class ParentMovedError(Exception):
    """A name or a signature of a parent class is not what it was in the version that was read."""


class Private:
    """An attribute that a parent class keeps to itself, under the name that Python gives it there."""

    def __init__(self, parent: type, name: str) -> None:
        self.name = f"_{parent.__name__}__{name}"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else getattr(instance, self.name)

    def __set__(self, instance: Any, value: Any) -> None:
        setattr(instance, self.name, value)


def overrides(method: Method) -> Method:
    """Mark a method that the parent class calls, so that `check_parent` looks whether it still does."""
    setattr(method, "overrides_parent", True)
    return method


def check_overrides(subclass: type) -> None:
    """Raise ParentMovedError unless the parent has each marked method of the subclass, with the same parameters."""
    (parent,) = subclass.__bases__
    for name, method in vars(subclass).items():
        if getattr(method, "overrides_parent", False):
            moved = f"{parent.__name__}.{name}"
            stock = getattr(parent, name, None)
            if stock is None:
                raise ParentMovedError(f"{moved} is gone")
            if list(inspect.signature(stock).parameters) != list(inspect.signature(method).parameters):
                raise ParentMovedError(f"{moved} takes other arguments")


def check_parent(instance: object) -> None:
    """Raise ParentMovedError unless the instance has all that its class takes from the parent."""
    check_overrides(type(instance))
    for value in vars(type(instance)).values():
        if isinstance(value, Private) and not hasattr(instance, value.name):
            raise ParentMovedError(f"{value.name} is gone")
