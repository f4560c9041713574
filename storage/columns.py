"""Column types: ones that behave alike on SQLite and PostgreSQL."""

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
"""Maximum of an id column. PostgreSQL refuses to look for a larger value, SQLite for one of twice as many digits."""


def clamp_id(row_id: int) -> int:
    """The id, or one that no row has if it is out of range: whatever a visitor typed can safely be looked up."""
    return row_id if 0 < row_id <= LARGEST_ID else 0


def choice(kind: type[StrEnum], constraint: str = "") -> Enum:
    """A text column restricted to the values of `kind` by a CHECK on both databases.

    Not PostgreSQL's own enum: adding a value would need a statement of its own outside a transaction there.
    `constraint` names the CHECK where `kind` was called something else when its table was made.
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=16,
        name=constraint or kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


def in_code_point_order(length: int) -> Any:
    """A text column collated by code point, as in Python: PostgreSQL would otherwise use its locale."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def in_ids(column: SQLColumnExpression[int], ids: Collection[int], dialect: str) -> ColumnElement[bool]:
    """Whether `column` is one of `ids`, bound as a single parameter: thousands of placeholders would be written out
    each time.
    """
    if dialect == "sqlite":
        return column.in_(select(func.json_each(json.dumps([*ids])).table_valued("value").c.value))
    return column == any_(cast(literal([*ids], ARRAY(Integer)), ARRAY(Integer)))


def in_many_ids(column: SQLColumnExpression[int], ids: SelectOfScalar[int], dialect: str) -> ColumnElement[bool]:
    """Whether `column` holds one of `ids`, for so many ids that an index scan meets a match soon.

    SQLite's full-text index returns all hits in the time of a few row lookups; "IS TRUE" keeps the planner from
    starting there. PostgreSQL is kept from materialising all of them first: a correlated subquery is evaluated row by
    row.
    """
    if dialect == "sqlite":
        return column.in_(ids).is_(true())
    return ids.where(ids.selected_columns[0] == column).scalar_subquery().is_not(None)
