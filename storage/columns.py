"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Enum

LARGEST_ID = 2**31 - 1
"""What a column of ids holds: PostgreSQL refuses to look for more, SQLite for twice as many digits."""


def known_id(row_id: int) -> int:
    """The id, or one that no row has if no row can have this: whatever a visitor typed may be looked for."""
    return row_id if 0 < row_id <= LARGEST_ID else 0


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
