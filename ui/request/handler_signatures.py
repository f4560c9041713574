"""Handler signatures: three times for each element of a page NiceGUI asks whether a handler takes arguments, and reads
its signature for that. Here each method's is read once, which saves a tenth of what a page costs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from nicegui import helpers
from nicegui.helpers import expects_arguments

_known: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()
"""Cached answers by function: they hold for its methods bound to any object."""


def remember_signatures() -> None:
    """NiceGUI has no setting for it, so the function that reads signatures is replaced by our wrapper."""
    helpers.expects_arguments = _expects_arguments  # type: ignore[assignment]  # as said above


def _expects_arguments(handler: Callable[..., Any]) -> bool:
    function = getattr(handler, "__func__", None)
    if function is None:
        return expects_arguments(handler)
    if (known := _known.get(function)) is None:
        known = _known[function] = expects_arguments(handler)
    return known
