"""Sample data, users and characters: inserted a thousand at a time."""

from __future__ import annotations

from sqlmodel import SQLModel

from domain.characters.interests import Interest, spelled
from domain.characters.search_terms import KEPT, card_words
from domain.model.character import Character
from domain.model.user import User
from domain.sample_data.batches import Work, batches
from domain.sample_data.characters import some_character
from domain.sample_data.dates import moment_between
from domain.sample_data.people import Person, newcomer
from domain.sample_data.sampling import one_of
from storage.bulk import add_rows, reserve_ids

BATCH = 1_000
"""Rows per transaction; everything slow is prepared before it."""
PROLIFIC = 1.7
"""Exponent of the skewed choice: the larger, the more the most productive authors create; 1 would be uniform."""

TABLES = SQLModel.metadata.tables
USERS, CHARACTERS, INTERESTS = (TABLES[str(noun.__tablename__)] for noun in (User, Character, Interest))


async def add_people(work: Work, count: int) -> list[Person]:
    crowd: list[Person] = []
    for size in batches(count, BATCH):
        newcomers = [newcomer(work.chance, work.now) for _ in range(size)]
        async with work.database.write() as db:
            ids = await reserve_ids(db, USERS, size)
            rows = [each.settled(user_id) for each, user_id in zip(newcomers, ids, strict=True)]
            await add_rows(db, USERS, rows)
        crowd += [
            Person(row["id"], each.name.is_woman, row["created_at"]) for each, row in zip(newcomers, rows, strict=True)
        ]
        work.told(size)
    return crowd


async def add_characters(work: Work, crowd: list[Person], count: int) -> None:
    for size in batches(count, BATCH):
        characters = [_by(work, crowd) for _ in range(size)]
        words = [card_words(each) for each in characters]
        async with work.database.write() as db:
            ids = await reserve_ids(db, CHARACTERS, size)
            for character, character_id in zip(characters, ids, strict=True):
                character.id = character_id
            await add_rows(db, CHARACTERS, [each.model_dump() for each in characters])
            interests = [
                {"word": word, "character_id": each.id} for each in characters for word in spelled(each.interests)
            ]
            await add_rows(db, INTERESTS, interests)
            await KEPT.put(db, dict(zip(ids, words, strict=True)))
        work.told(size)


def _by(work: Work, crowd: list[Person]) -> Character:
    author = one_of(work.chance, crowd, PROLIFIC)
    return some_character(work.chance, author.id, moment_between(work.chance, author.created_at, work.now))
