"""Run by Alembic for storage/migrate.py, which gives a connection in a transaction."""  # noqa: INP001 - loaded by path

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import False_, True_
from sqlmodel import AutoString, SQLModel, UTCDateTime


def plainly(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Revisions name plain SQL: it must mean the same on both databases, and after SQLModel has changed its types."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.{item.impl_instance!r}"
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "server_default" and isinstance(getattr(item, "arg", None), True_ | False_):
        return f"sa.{item.arg}()"  # Alembic would write SQLite's 0, which is no boolean on PostgreSQL
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
    render_as_batch=True,  # SQLite alters a table by recreating it; on PostgreSQL the same lines are plain ALTERs
    render_item=plainly,
    include_name=context.config.attributes.get("include_name"),
    on_version_apply=context.config.attributes.get("on_version_apply"),
)
with context.begin_transaction():
    context.run_migrations()
