"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Enum


def choice(kind: type[StrEnum]) -> Enum:
    """A text column that takes the values of `kind` only, held by a CHECK on both databases.

    Not PostgreSQL's own enum: a new value would need a statement of its own outside a transaction there.
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=16,
        name=kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )
