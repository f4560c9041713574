"""Event listeners of columns: finds that a column has none without building its SQL expression.

SQLAlchemy looks up each column's listeners with `hasattr`. A column without any passes the lookup on to its SQL
expression, which is built for that: a fiftieth of a start, for expressions of which few are ever used.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.event.base import slots_dispatcher


def find_listeners_directly() -> None:
    """Replace the one method of SQLAlchemy that looks them up by ours: there is no setting for it."""
    slots_dispatcher.__get__ = _listeners  # type: ignore[assignment,method-assign]


def _listeners(self: slots_dispatcher[Any], column: Any, _cls: type) -> Any:
    if column is None:
        return self.dispatch
    try:
        return object.__getattribute__(column, "_slots_dispatch")
    except AttributeError:
        column._slots_dispatch = listeners = self.dispatch._for_instance(column)  # noqa: SLF001 - SQLAlchemy's own
        return listeners
