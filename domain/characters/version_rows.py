"""Versions, the rows: the state of a published character is stored before each change, in the transaction that changes
it.
"""

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
"""All editable fields but the photo, which is shown in one place and deleted once it is replaced."""
MOST = 50
MOST_TEXT = 2_000_000
"""Maximum characters of all versions of a character: far more than fifty versions of nearly any character have."""
RECENT = 20
"""Number of the newest versions that are kept however briefly each was current, if their texts are not too long."""


class KeptVersion(NamedTuple):
    id: int
    made_at: datetime
    length: int


async def keep_version(db: AsyncSession, character: Character, editor: User) -> None:
    """Store the state of the locked character before it is changed. Nothing is stored for one that was never public."""
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
    """Ids of the surplus versions; `kept` is given oldest first. Of all but the recent ones, those that were current
    for the shortest time are given up. So an evening of small corrections doesn't sweep away a state that lasted for
    months.
    """
    left, spare = list(kept), []
    while len(left) > MOST or (len(left) > 1 and sum(each.length for each in left) > MOST_TEXT):
        stood = [later.made_at - earlier.made_at for earlier, later in pairwise(left[:-RECENT])]
        place = stood.index(min(stood)) + 1 if stood else 0
        spare.append(left.pop(place).id)
    return spare


def fields_of(version: CharacterVersion) -> dict[str, Any]:
    """The fields of the version that still exist."""
    kept = json.loads(version.fields)
    return {name: kept[name] for name in VERSIONED if name in kept}


async def versions_of(db: AsyncSession, character_id: int) -> Sequence[CharacterVersion]:
    """Oldest first."""
    of_it = CharacterVersion.character_id == character_id
    return (await db.exec(select(CharacterVersion).where(of_it).order_by(col(CharacterVersion.id)))).all()


def as_json_list(versions: Sequence[CharacterVersion]) -> Iterator[str]:
    """A JSON list in pieces, since the fields of each version are JSON already."""
    for place, version in enumerate(versions):
        opening = "," if place else "["
        yield f'{opening}\n{{"replaced_at": "{version.made_at.isoformat()}", "fields": {version.fields}}}'
    yield "\n]\n"


async def _was_public(db: AsyncSession, character: Character) -> bool:
    """Whether it has versions: making a public character private stores one."""
    versions = select(CharacterVersion.id).where(CharacterVersion.character_id == character.id)
    return (await db.exec(versions.limit(1))).first() is not None
