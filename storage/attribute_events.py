"""Event listeners of columns: finds that a column has none without building its SQL expression.

SQLAlchemy asks each column by `hasattr` for its listeners. A column without any passes the question on to its SQL
expression, which is built for that: a fiftieth of a start, for expressions of which few are ever used.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.event.base import slots_dispatcher


def find_listeners_directly() -> None:
    """SQLAlchemy has no setting for it, so the one method that looks for them is replaced by ours."""
    slots_dispatcher.__get__ = _listeners  # type: ignore[assignment,method-assign]


def _listeners(self: slots_dispatcher[Any], column: Any, _cls: type) -> Any:
    if column is None:
        return self.dispatch
    try:
        return object.__getattribute__(column, "_slots_dispatch")
    except AttributeError:
        column._slots_dispatch = listeners = self.dispatch._for_instance(column)  # noqa: SLF001 - SQLAlchemy's own
        return listeners
