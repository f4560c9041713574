"""Search index of characters: the words, interests and name key stored beside each one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.characters.interests import Interest, add_to_known, changes_between, count_known, index_interests, spelled
from domain.characters.search_terms import KEPT, card_words, plain_words_of
from domain.characters.visibility import has_public_flags, is_listed
from domain.model.character import NAME_LIMIT, Character
from domain.stemming import roots_apart
from storage.database import LOCK_FOR_UPDATE, Database
from storage.text_search import fold

BATCH = 200


def listed_interests(character: Character) -> list[str]:
    """The interests by which everybody can currently find it: to be read before it is changed."""
    return character.interests if is_listed(character) and character.name_key else []


async def reindex(db: AsyncSession, character: Character, listed_before: list[str]) -> None:
    """Reindex the character in the transaction that changed it; `listed_before` is its `listed_interests` before the
    change. The dictionary must have been loaded before the transaction began (domain/stemming.py).
    """
    character.name_key = name_key(character.name)
    db.add(character)
    await db.flush()
    if character.deleted_at is None:
        await KEPT.put(db, {character.id: card_words(character)})
        await index_interests(db, character)
    else:
        await KEPT.remove(db, [character.id])
        await db.exec(delete(Interest).where(col(Interest.character_id) == character.id))
    if changes := changes_between(listed_before, listed_interests(character)):
        await add_to_known(db, changes, spelled(character.interests))


async def remove_from_index(db: AsyncSession, which: ColumnElement[bool]) -> None:
    """Remove these characters from the index, before their rows are deleted."""
    ids = list(await db.exec(select(Character.id).where(which)))
    words = select(Interest.word, func.count()).join(Character, col(Character.id) == Interest.character_id)
    found = await db.exec(words.where(which, has_public_flags()).group_by(col(Interest.word)))
    fewer = {word: -count for word, count in found}
    await KEPT.remove(db, ids)
    await db.exec(delete(Interest).where(col(Interest.character_id).in_(select(Character.id).where(which))))
    if fewer:
        await add_to_known(db, fewer)


async def index_missing(database: Database, told: Callable[[int], None] = lambda _done: None) -> None:
    """Index characters that did not come through the editor: rows of older versions, starter characters.

    `told` is called after each batch with the number done so far. With nothing to do it is one query on an empty index.
    """
    done = 0
    while batch := await _next_batch(database):
        done += batch
        told(done)
    if done:
        await count_known(database)


async def _next_batch(database: Database) -> int:
    missing = select(Character).where(Character.name_key == "").order_by(col(Character.id)).limit(BATCH)
    async with database.read() as db:
        texts = list(await db.exec(missing))
    if not texts:
        return 0
    roots = await roots_apart({word for each in texts for word in plain_words_of(each)})
    words = await asyncio.to_thread(lambda: {each.id: card_words(each, roots.__getitem__) for each in texts})
    async with database.write() as db:
        found = await db.exec(missing.where(col(Character.id).in_(list(words))).with_for_update(**LOCK_FOR_UPDATE))
        for each in (characters := list(found)):
            each.name_key = name_key(each.name)
        there = [each for each in characters if each.deleted_at is None]
        await KEPT.put(db, {each.id: words[each.id] for each in there})
        await db.exec(delete(Interest).where(col(Interest.character_id).in_([each.id for each in there])))
        db.add_all(Interest(word=word, character_id=each.id) for each in there for word in spelled(each.interests))
    return len(texts)


def name_key(name: str) -> str:
    """The name's sort key; never empty, since empty means that a character is not indexed yet."""
    return fold(name)[:NAME_LIMIT] or "?"
