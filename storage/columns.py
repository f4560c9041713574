"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Collection
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Enum,
    Integer,
    SQLColumnExpression,
    String,
    any_,
    cast,
    func,
    literal,
    select,
    true,
)
from sqlmodel.sql.expression import SelectOfScalar

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


def in_code_point_order(length: int) -> Any:
    """A text column that is ordered and compared sign by sign, as Python does it: PostgreSQL else asks its locale."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def among(column: SQLColumnExpression[int], ids: Collection[int], dialect: str) -> ColumnElement[bool]:
    """Whether `column` is one of `ids`, given as a single value: thousands of places would be written out each time."""
    if dialect == "sqlite":
        return column.in_(select(func.json_each(json.dumps([*ids])).table_valued("value").c.value))
    return column == any_(cast(literal([*ids], ARRAY(Integer)), ARRAY(Integer)))


def met(column: SQLColumnExpression[int], ids: SelectOfScalar[int], dialect: str) -> ColumnElement[bool]:
    """Whether `column` holds one of `ids`, where there are so many that a walk along its rows meets one soon.

    SQLite's full-text index answers all at once in the time that a few single rows take; "IS TRUE" keeps it from
    beginning there. PostgreSQL is kept from gathering all of them first: a question for one value is asked row by row.
    """
    if dialect == "sqlite":
        return column.in_(ids).is_(true())
    return ids.where(ids.selected_columns[0] == column).scalar_subquery().is_not(None)
