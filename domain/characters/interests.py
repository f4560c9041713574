"""Interests (tags): the index by which characters are found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import ColumnElement
from sqlmodel import Field, Index, col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.characters.card_language import language_of
from domain.characters.visibility import is_open
from domain.model.character import Character
from domain.model.interest import INTEREST_LIMIT, clean_interests, interest_key
from domain.text import without_unstorable
from storage.database import Database
from storage.tables import Table
from storage.text_search import begins as begins_with
from storage.upsert import dialect_of, insert_into

SUGGESTED = 10
FREQUENT = 24
LOOKED_THROUGH = 1000
"""Number of the most frequent interests among which those of one language are looked for."""
LOOKED_AT_ONCE = 100
BATCH = 200


class Interest(Table, table=True):
    """One interest of one character: `Character.interests` again, as rows that can be queried."""

    # The interest's key (`interest_key`).
    word: str = Field(primary_key=True, max_length=INTEREST_LIMIT)
    character_id: int = Field(primary_key=True, foreign_key="character.id", ondelete="CASCADE", index=True)


class KnownInterest(Table, table=True):
    """The number of publicly listed characters with this interest (a denormalised count).

    Updated with each save, since counting half a million rows takes too long for a request; what admins block or hide
    is subtracted at the next recount (domain/characters/popularity.py).
    """

    __tablename__ = "known_interest"

    word: str = Field(primary_key=True, max_length=INTEREST_LIMIT)
    spelling: str = Field(default="", max_length=INTEREST_LIMIT, sa_column_kwargs={"server_default": ""})
    """As the author of the first of these characters wrote it; "": like the key."""
    characters: int

    __table_args__ = (Index("ix_known_interest_characters", "characters"),)


class Interests:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def suggested(self, begins: str) -> list[KnownInterest]:
        """Autocomplete: interests with this prefix, the most frequent first."""
        typed = "".join(clean_interests([without_unstorable(begins[:INTEREST_LIMIT])], 1))
        async with self._database.read() as db:
            return await _most_frequent(db, begins_with(KnownInterest.word, interest_key(typed)), SUGGESTED)

    async def frequent(self, language: str = "") -> list[KnownInterest]:
        """The most frequent interests, of one language if it is named. Those of a single character are left out, since
        they lead to no others.
        """
        return await self._in_language(language, col(KnownInterest.characters) > 1)

    async def offered(self, language: str) -> list[str]:
        """Choices for a user's own interests: those in this language, the most frequent first, as they are spelled."""
        found = await self._in_language(language, col(KnownInterest.characters) > 0)
        return [each.spelling or each.word for each in found]

    async def _in_language(self, language: str, which: ColumnElement[bool]) -> list[KnownInterest]:
        """The most frequent ones, looked for in batches: on a new server hardly any is more frequent than another, and
        those of one language come in a row.
        """
        found: list[KnownInterest] = []
        async with self._database.read() as db:
            for start in range(0, LOOKED_THROUGH, LOOKED_AT_ONCE):
                batch = await _most_frequent(db, which, LOOKED_AT_ONCE, start)
                found += [each for each in batch if not language or language_of(each.word) in ("", language)]
                if len(found) >= FREQUENT or len(batch) < LOOKED_AT_ONCE:
                    break
        return found[:FREQUENT]


async def _most_frequent(
    db: AsyncSession, which: ColumnElement[bool], number: int, start: int = 0
) -> list[KnownInterest]:
    question = select(KnownInterest).order_by(col(KnownInterest.characters).desc(), col(KnownInterest.word))
    return list(await db.exec(question.where(which).offset(start).limit(number)))


async def index_interests(db: AsyncSession, character: Character) -> None:
    """Replace the interest rows of this character with its current ones."""
    await db.exec(delete(Interest).where(col(Interest.character_id) == character.id))
    db.add_all(Interest(word=word, character_id=character.id) for word in spelled(character.interests))
    await db.flush()


def spelled(interests: Iterable[str]) -> dict[str, str]:
    """The spelling of each interest by its key."""
    return {interest_key(each): each for each in interests}


async def add_to_known(
    db: AsyncSession, changes: Mapping[str, int], spellings: Mapping[str, str] | None = None
) -> None:
    """Add these changes to the counts of the interests; `spellings` are for those that no character had before."""
    for word in sorted(word for word, change in changes.items() if change):  # in order, to avoid deadlocks
        row = insert_into(KnownInterest, dialect_of(db)).values(
            word=word, characters=changes[word], spelling=(spellings or {}).get(word, "")
        )
        sum_ = col(KnownInterest.characters) + changes[word]
        await db.exec(row.on_conflict_do_update(index_elements=["word"], set_={"characters": sum_}))
    await db.exec(delete(KnownInterest).where(col(KnownInterest.characters) <= 0))


async def count_known(database: Database) -> None:
    """Recount the interests of all public characters, and write what has changed."""
    async with database.read(patient=True) as db:
        # Each is read from one index in its order; otherwise SQLite would go through the characters with all their
        # texts.
        open_ones = select(Character.id).where(is_open()).order_by(col(Character.talkers), col(Character.id))
        of_those = (col(Interest.character_id) + 0).in_(open_ones)
        question = select(Interest.word, func.count()).where(of_those).group_by(col(Interest.word))
        counted = dict((await db.exec(question)).all())
        known = {each.word: each.characters for each in await db.exec(select(KnownInterest))}
    changes = {word: counted.get(word, 0) - known.get(word, 0) for word in counted.keys() | known.keys()}
    changed = [word for word, change in changes.items() if change]
    for start in range(0, len(changed), BATCH):
        async with database.write() as db:
            batch = changed[start : start + BATCH]
            spellings = await _spellings(db, [word for word in batch if word not in known])
            await add_to_known(db, {word: changes[word] for word in batch}, spellings)


async def _spellings(db: AsyncSession, words: Collection[str]) -> dict[str, str]:
    """The spelling of each, as one of its characters has it."""
    one = select(Interest.word, func.min(Interest.character_id)).where(col(Interest.word).in_(words))
    ids = dict((await db.exec(one.group_by(col(Interest.word)))).all())
    told = select(Character.id, Character.interests).where(col(Character.id).in_(set(ids.values())))
    by_id = dict((await db.exec(told)).all())
    return {word: spelled(by_id.get(character_id, [])).get(word, "") for word, character_id in ids.items()}


def changes_between(before: Iterable[str], after: Iterable[str]) -> dict[str, int]:
    old, new = set(spelled(before)), set(spelled(after))
    return {**dict.fromkeys(old - new, -1), **dict.fromkeys(new - old, 1)}
