"""Gallery: the characters that a user can browse, with keyset pagination."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import load_only
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain import stemming
from domain.accounts.sessions import Caller, authenticate
from domain.characters.favourites import Favourite
from domain.characters.gallery_order import Sort, decode_cursor
from domain.characters.gallery_query import USUAL, GalleryQuery
from domain.characters.gallery_search import GallerySearch
from domain.characters.search_terms import search_queries
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User
from domain.paging import MOST_COUNTED, cursor_at
from domain.rate_limits import SEARCHES, RateLimiter
from storage.columns import in_ids
from storage.database import Database
from storage.fair_queue import acting_for
from storage.full_text import prefer_indexes

PAGE = 48
ON_A_CARD = (
    "id",
    "owner_id",
    "name",
    "nickname",
    "gender",
    "age_mark",
    "teaser",
    "bio",
    "interests",
    "picture_token",
    "portrait",
    "language",
    "is_public",
    "is_hidden",
    "is_blocked",
    "deleted_at",
    "talks",
    "votes_sum",
    "votes_count",
)


@dataclass(frozen=True)
class GalleryCard:
    """A character as shown on its card. Of `character` only the columns `ON_A_CARD` are loaded."""

    character: Character
    author: str
    dialog_id: int | None
    """The viewer's latest dialog with it."""
    is_favourite: bool
    is_own: bool


@dataclass(frozen=True)
class GalleryPage:
    cards: list[GalleryCard]
    after: str | None
    """Cursor of the next page; None if there is none."""
    count: int | None
    """Total number, at most `MOST_COUNTED`; only on the first page."""
    is_more_than: bool = False
    """Whether there are more than `count`."""
    author: str = ""
    """Name of the author, if the characters of one are requested and there are any."""


class Gallery:
    def __init__(self, database: Database, limits: RateLimiter) -> None:
        self._database = database
        self._limits = limits

    async def page(self, caller: Caller | None, wanted: GalleryQuery, after: str | None = None) -> GalleryPage:
        """The first page, or the one after the cursor; an invalid cursor for this sort order starts at the beginning.

        Everybody finds public characters that are neither hidden nor blocked, and their own. A search takes from the
        rate limit. Raises `SignedOut`, and `RateLimited` for words.
        """
        if wanted.words.strip():
            await self._limits.take(SEARCHES, caller.user_id if caller else acting_for.get())
            await stemming.load()
        async with self._database.read() as db:
            viewer = await authenticate(db, caller) if caller else None
            asked = wanted.by(viewer)
            sort = asked.sort or (Sort.POPULAR if search_queries(asked.words) else USUAL[asked.tab])
            place = decode_cursor(after, sort)
            await prefer_indexes(db)
            finding = GallerySearch(db, viewer, asked, sort)
            is_broad = place is None and await finding.is_broad()
            found = await finding.places(place, PAGE + 1 if place or is_broad else MOST_COUNTED + 1)
            cards = await cards_of(db, viewer, [each.id for each in found[:PAGE]])
            by_one = wanted.author_id is not None and bool(cards)
        return GalleryPage(
            cards,
            after=cursor_at(found[PAGE - 1], sort) if len(found) > PAGE else None,
            count=None if place else MOST_COUNTED if is_broad else min(len(found), MOST_COUNTED),
            is_more_than=is_broad or len(found) > MOST_COUNTED,
            author=cards[0].author if by_one else "",
        )


async def cards_of(db: AsyncSession, viewer: User | None, ids: list[int]) -> list[GalleryCard]:
    """The cards of these characters, in this order."""
    these = in_ids(col(Character.id), ids, db.get_bind().dialect.name)
    on_a_card = load_only(*(getattr(Character, name) for name in ON_A_CARD), raiseload=True)
    question = select(Character, User.display_name).join(User, col(User.id) == Character.owner_id).where(these)
    found = {character.id: (character, author) for character, author in await db.exec(question.options(on_a_card))}
    dialogs = await _last_dialogs(db, viewer, ids)
    favourites = await _favourites(db, viewer, ids)
    return [
        GalleryCard(
            character,
            author,
            dialogs.get(character.id),
            is_favourite=character.id in favourites,
            is_own=viewer is not None and character.owner_id == viewer.id,
        )
        for character, author in (found[each] for each in ids)
    ]


async def _last_dialogs(db: AsyncSession, viewer: User | None, ids: list[int]) -> dict[int, int]:
    if viewer is None:
        return {}
    mine = select(Dialog.character_id, Dialog.id).where(Dialog.user_id == viewer.id, col(Dialog.deleted_at).is_(None))
    mine = mine.where(col(Dialog.character_id).in_(ids)).order_by(col(Dialog.spoken_at), col(Dialog.id))
    return dict((await db.exec(mine)).all())


async def _favourites(db: AsyncSession, viewer: User | None, ids: list[int]) -> set[int]:
    if viewer is None:
        return set()
    mine = select(Favourite.character_id).where(Favourite.user_id == viewer.id)
    return set(await db.exec(mine.where(col(Favourite.character_id).in_(ids))))
