"""Versions, the rows: what a published character was before each change is kept in the transaction that changes it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.characters.fields import EDITABLE
from domain.model.character import Character
from domain.model.character_version import CharacterVersion
from domain.model.user import User

VERSIONED = tuple(field for field in EDITABLE if field != "picture_token")
"""A photo has one place where it is shown, and goes when another one takes it: versions hold none."""
MOST = 50
MOST_TEXT = 2_000_000
"""Characters of all versions of one character together: far more than fifty of nearly everybody's."""
RECENT = 20
"""So many of the newest are kept, however short a time each of them stood."""


class KeptVersion(NamedTuple):
    id: int
    made_at: datetime
    length: int


async def keep_version(db: AsyncSession, character: Character, editor: User) -> None:
    """Keep what the locked character is, before it is changed; of one that was never public, nothing."""
    if not character.is_public and not await _was_public(db, character):
        return
    fields = json.dumps({name: getattr(character, name) for name in VERSIONED}, ensure_ascii=False)
    db.add(CharacterVersion(character_id=character.id, fields=fields, replaced_by_id=editor.id))
    await db.flush()
    of_it = col(CharacterVersion.character_id) == character.id
    length = func.length(col(CharacterVersion.fields))
    rows = select(CharacterVersion.id, CharacterVersion.made_at, length).where(of_it)
    kept = [KeptVersion(*row) for row in await db.exec(rows.order_by(col(CharacterVersion.id)))]
    if spare := to_give_up(kept):
        await db.exec(delete(CharacterVersion).where(of_it, col(CharacterVersion.id).in_(spare)))


def to_give_up(kept: Sequence[KeptVersion]) -> list[int]:
    """Which of the versions, oldest first, are too many: of all but the recent ones, those that stood for the shortest
    time. So an evening of small corrections doesn't sweep away what stood for months.
    """
    left, spare = list(kept), []
    while len(left) > MOST or (len(left) > 1 and sum(each.length for each in left) > MOST_TEXT):
        stood = [later.made_at - earlier.made_at for earlier, later in pairwise(left[:-RECENT])]
        place = stood.index(min(stood)) + 1 if stood else 0
        spare.append(left.pop(place).id)
    return spare


def fields_of(version: CharacterVersion) -> dict[str, Any]:
    """What the version holds, of the fields that there are today."""
    kept = json.loads(version.fields)
    return {name: kept[name] for name in VERSIONED if name in kept}


async def versions_of(db: AsyncSession, character_id: int) -> Sequence[CharacterVersion]:
    """Oldest first."""
    of_it = CharacterVersion.character_id == character_id
    return (await db.exec(select(CharacterVersion).where(of_it).order_by(col(CharacterVersion.id)))).all()


def as_json_list(versions: Sequence[CharacterVersion]) -> Iterator[str]:
    """In pieces, since what they hold is JSON already."""
    for place, version in enumerate(versions):
        opening = "," if place else "["
        yield f'{opening}\n{{"replaced_at": "{version.made_at.isoformat()}", "fields": {version.fields}}}'
    yield "\n]\n"


async def _was_public(db: AsyncSession, character: Character) -> bool:
    """It has versions, then: ceasing to be public made one."""
    versions = select(CharacterVersion.id).where(CharacterVersion.character_id == character.id)
    return (await db.exec(versions.limit(1))).first() is not None
