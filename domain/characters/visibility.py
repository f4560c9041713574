"""Visibility: which characters are publicly listed."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, TextClause, and_, or_
from sqlalchemy import text as sql
from sqlmodel import col, select

from domain.model.character import OPEN, AgeMark, Character
from domain.model.user import User

MARKS = sql(re.sub(r"\b(is_\w+|deleted_at)", r"character.\1", OPEN))


def is_open() -> ColumnElement[bool]:
    """Condition: public, not deleted, and neither it nor its author is blocked or hidden."""
    away = select(col(User.id)).where(sql('("user".is_blocked OR "user".is_hidden)'))
    return and_(has_public_flags(), col(Character.owner_id).not_in(away))


def of_age(viewer: User | None) -> list[ColumnElement[bool]]:
    """Conditions, as `Character.is_for`: not marked 18+, unless they may see that."""
    is_for_all = col(Character.age_mark) != AgeMark.ADULT
    if viewer is None:
        return [is_for_all]
    if viewer.sees_adult or viewer.is_admin:
        return []
    return [or_(is_for_all, col(Character.owner_id) == viewer.id)]


def has_public_flags() -> TextClause:
    """The same without the author's part; in the exact words of the partial indexes, or SQLite would not use them."""
    return MARKS


def has_closed_marks() -> TextClause:
    return sql(f"NOT ({MARKS.text})")


def is_listed(character: Character) -> bool:
    """The same as `has_public_flags` for a loaded character."""
    is_held_back = character.is_blocked or character.is_hidden or character.deleted_at is not None
    return character.is_public and not is_held_back
