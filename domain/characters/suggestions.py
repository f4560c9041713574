"""Suggestions: a few characters for somebody who does not know yet whom to talk with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authenticate
from domain.characters.gallery import GalleryCard, cards_of
from domain.characters.gallery_order import Sort
from domain.characters.gallery_query import GalleryQuery
from domain.characters.gallery_search import GallerySearch
from domain.characters.visibility import Absence, absence_of
from domain.model.character import Character
from domain.model.user import User
from storage.columns import clamp_id, in_ids
from storage.database import Database
from storage.full_text import prefer_indexes

SUGGESTED = 3
INTERESTS_ASKED = 8
COMPARED = 50
"""Maximum characters with an interest that are looked at, most popular first: half of a gallery may have it."""


class Suggestions:
    """At most `SUGGESTED` each time: the characters in this language that share the most interests, the more popular
    first; if there are too few, the most popular ones, and lastly those in other languages.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def to_begin_with(self, caller: Caller | None, language: str) -> list[GalleryCard]:
        """Suggestions by the caller's own interests."""
        async with self._database.read() as db:
            viewer = await authenticate(db, caller) if caller else None
            return await _suggested(db, viewer, viewer.interests if viewer else (), language)

    async def similar_to(self, caller: Caller | None, character_id: int, language: str) -> list[GalleryCard]:
        """Suggestions by the interests of a character that is gone, unless nobody may know that it was ever there."""
        async with self._database.read() as db:
            viewer = await authenticate(db, caller) if caller else None
            gone = await db.get(Character, clamp_id(character_id))
            is_told = gone is not None and absence_of(gone) != Absence.UNKNOWN
            return await _suggested(db, viewer, gone.interests if gone and is_told else (), language)


async def _suggested(
    db: AsyncSession, viewer: User | None, interests: Sequence[str], language: str
) -> list[GalleryCard]:
    await prefer_indexes(db)
    shared: Counter[int] = Counter()
    popular: dict[int, int] = {}
    for word in interests[:INTERESTS_ASKED]:
        found = await _most_popular(db, viewer, GalleryQuery(having=(word,), language=language))
        shared.update(found.keys())
        popular |= found
    best = sorted(shared, key=lambda each: (-shared[each], -popular[each], -each))
    best = await _of_others(db, viewer, best)
    for filling in (GalleryQuery(language=language), GalleryQuery()):
        if len(best) < SUGGESTED:
            popular_ones = await _of_others(db, viewer, [*await _most_popular(db, viewer, filling)])
            best = list(dict.fromkeys([*best, *popular_ones]))
    return await cards_of(db, viewer, best[:SUGGESTED])


async def _most_popular(db: AsyncSession, viewer: User | None, wanted: GalleryQuery) -> dict[int, int]:
    """The most popular characters, in order, each with its popularity."""
    places = await GallerySearch(db, viewer, wanted, Sort.POPULAR).places(None, COMPARED)
    return {place.id: place.value for place in places}


async def _of_others(db: AsyncSession, viewer: User | None, ids: list[int]) -> list[int]:
    """These characters without the viewer's own, which they know already."""
    if viewer is None or not ids:
        return ids
    these = in_ids(col(Character.id), ids, db.get_bind().dialect.name)
    own = set(await db.exec(select(Character.id).where(these, Character.owner_id == viewer.id)))
    return [each for each in ids if each not in own]
