"""Lazy methods of dataclasses: compiled on their first call instead of when their class is made.

For each frozen dataclass the standard library writes the source of six methods and compiles it: a tenth of a start for
some two thousand methods, of which a process ever calls a few (who prints or compares a report queue?). Only `__init__`
is made at once, since its parameters are looked at. From Python 3.13 on, the library compiles all methods of a class
together, and is left alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

LATE = {"__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__"}


def compile_methods_late() -> None:
    """Affects all dataclasses made from now on. There is no setting for it, so the one function of the library that
    compiles methods is replaced by our wrapper around it.
    """
    if create := getattr(dataclasses, "_create_fn", None):
        dataclasses._create_fn = _late(create)  # type: ignore[attr-defined]  # noqa: SLF001 - as said above


def _late(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_late(name: str, *source: Any, **context: Any) -> Any:
        if name not in LATE:
            return create(name, *source, **context)
        made: Any = None

        def method(self: Any, *arguments: Any) -> Any:
            nonlocal made
            if made is None:
                made = create(name, *source, **context)
                made.__qualname__ = method.__qualname__
                _put_in_place(type(self), method, made)
            return made(self, *arguments)

        method.__name__ = name
        return method

    return create_late


def _put_in_place(cls: type, method: Callable[..., Any], made: Callable[..., Any]) -> None:
    """Replace the stub by the compiled method, so that later calls take no detour."""
    for each in cls.__mro__:
        if vars(each).get(made.__name__) is method:
            setattr(each, made.__name__, made)
