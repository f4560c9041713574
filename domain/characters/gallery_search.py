"""Gallery search: the queries that find the matching characters, in order.

Whatever is asked, the number of rows read is bounded. Each sort order is a partial index over the public characters
that covers what the filters look at, and is scanned until there are enough. A search or interest with few hits starts
from these instead, read once for all ranking steps; with many hits the scan meets one soon.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, intersect, not_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.characters.favourites import Favourite
from domain.characters.gallery_order import CHARACTERS, Sort, goes_up, key_of
from domain.characters.gallery_query import GalleryQuery, Tab
from domain.characters.interests import Interest, spelled
from domain.characters.search_terms import KEPT, search_queries
from domain.characters.visibility import has_closed_marks, is_open, of_age
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User
from domain.paging import Cursor, behind
from storage.columns import in_ids, in_many_ids

FEW = 2000
"""Maximum hits that are sorted directly; with more, the index of the sort order is scanned."""


class GallerySearch:
    """One user's gallery query, in one session."""

    def __init__(self, db: AsyncSession, viewer: User | None, wanted: GalleryQuery, sort: Sort) -> None:
        self._db = db
        self._dialect = db.get_bind().dialect.name
        self._viewer_id = viewer.id if viewer else 0
        self._is_everybodys = [is_open(), *of_age(viewer)]
        self._is_hidden = viewer is not None and viewer.is_hidden
        self._wanted = wanted
        self._sort = sort
        self._key = key_of(sort, self._viewer_id)
        steps = search_queries(wanted.words)
        # With an explicit sort order the relevance does not matter: the widest step includes the others.
        self._steps = steps if wanted.sort is None else steps[-1:]
        self._some_hit: list[int] | None = None

    async def places(self, after: Cursor | None, limit: int) -> list[Cursor]:
        """The first `limit` after the cursor `after`; for a search by relevance, step by step."""
        found: list[Cursor] = []
        crowds = await self._crowds()
        few = await self._few_by_step()
        for number in range(after.step if after else 0, len(self._steps) or 1):
            narrowed = self._one_by_one(few[number]) if few else await self._narrowed(number)
            if narrowed is None:
                continue
            begin = after if after and number == after.step else None
            narrowed += self._filters()
            for_step = [await self._walk(number, [*crowd, *narrowed], begin, limit - len(found)) for crowd in crowds]
            found += self._merged(for_step)[: limit - len(found)]
            if len(found) == limit:
                break
        return found

    async def is_broad(self) -> bool:
        """Whether there are no other filters, and so many hits that counting them would only say "many"."""
        wanted = self._wanted
        narrows = wanted.genders or wanted.ages or wanted.lacking or wanted.language or wanted.author_id is not None
        if wanted.tab is not Tab.ALL or narrows:
            return False
        return len(await self._hit()) > FEW

    async def _crowds(self) -> list[list[ColumnElement[bool]]]:
        """The conditions of each group to search: what everybody finds, and one's own besides."""
        own = col(Character.owner_id) == self._viewer_id
        is_there = col(Character.deleted_at).is_(None)
        if self._wanted.tab is Tab.MINE:
            return [[own, is_there]]
        if self._wanted.tab is not Tab.ALL:
            return [[or_(and_(*self._is_everybodys), own), is_there, col(Character.id).in_(self._shelf())]]
        closed = select(Character.id).where(own, is_there)
        if not self._is_hidden:  # public characters of a hidden author are listed only for that author
            closed = closed.where(has_closed_marks())
        ids = list(await self._db.exec(closed)) if self._viewer_id else []
        open_ones = self._is_everybodys
        return [open_ones, [in_ids(col(Character.id), ids, self._dialect)]] if ids else [open_ones]

    def _shelf(self) -> SelectOfScalar[int]:
        if self._wanted.tab is Tab.FAVOURITES:
            return select(Favourite.character_id).where(Favourite.user_id == self._viewer_id)
        return select(Dialog.character_id).where(Dialog.user_id == self._viewer_id, col(Dialog.deleted_at).is_(None))

    def _filters(self) -> list[ColumnElement[bool]]:
        filters: list[ColumnElement[bool]] = []
        if self._wanted.genders:
            filters.append(col(Character.gender).in_(self._wanted.genders))
        if self._wanted.ages:
            filters.append(col(Character.age_mark).in_(self._wanted.ages))
        if self._wanted.language:
            filters.append(col(Character.language).in_((self._wanted.language, "")))
        if self._wanted.author_id is not None:
            filters.append(col(Character.owner_id) == self._wanted.author_id)
        if self._wanted.lacking:
            lacking = select(Interest.word).where(col(Interest.word).in_(list(spelled(self._wanted.lacking))))
            filters.append(not_(lacking.where(col(Interest.character_id) == col(Character.id)).exists()))
        return filters

    async def _hit(self) -> list[int]:
        """The hits of words and interests together, at most one more than "few"; empty if neither is given."""
        if self._some_hit is None:
            sets = self._sets(KEPT.hits(self._db, self._steps[-1]) if self._steps else None)
            self._some_hit = await self._few_of(sets) if sets else []
        return self._some_hit

    async def _few_by_step(self) -> list[list[int]]:
        """For words with only a few hits, the hits of each step, so that no step queries the whole index again. Else
        [].
        """
        if not self._steps or len(left := set(await self._hit())) > FEW:
            return []
        by_step = []
        for step in self._steps[:-1]:
            found = list(await self._db.exec(KEPT.hits(self._db, step, within=left))) if left else []
            by_step.append(found)
            left.difference_update(found)
        return [*by_step, [*left]]

    async def _narrowed(self, step: int) -> list[ColumnElement[bool]] | None:
        """Condition: among the hits of words and interests, listed by id if they are few; None if there is no hit at
        all.
        """
        before = self._steps[max(0, step - 1) : step]
        sets = self._sets(KEPT.hits(self._db, self._steps[step], unless=before) if self._steps else None)
        if not sets:
            return []
        few = await self._few_of(sets)
        if len(few) <= FEW:
            return self._one_by_one(few)
        return [in_many_ids(col(Character.id), each, self._dialect) for each in sets]

    def _one_by_one(self, ids: Collection[int]) -> list[ColumnElement[bool]] | None:
        return [in_ids(col(Character.id), ids, self._dialect)] if ids else None

    def _sets(self, hits: SelectOfScalar[int] | None) -> list[SelectOfScalar[int]]:
        sets = [select(Interest.character_id).where(Interest.word == word) for word in spelled(self._wanted.having)]
        return [*sets, *([hits] if hits is not None else [])]

    async def _few_of(self, sets: list[SelectOfScalar[int]]) -> list[int]:
        """The intersection of these sets, at most one more than "few"."""
        in_all = intersect(*sets).subquery() if len(sets) > 1 else sets[0].subquery()
        return list(await self._db.exec(select(in_all.c[0]).limit(FEW + 1)))

    async def _walk(
        self, step: int, conditions: Sequence[ColumnElement[bool]], begin: Cursor | None, limit: int
    ) -> list[Cursor]:
        question = select(self._key, col(Character.id)).where(*conditions)
        if begin:
            question = question.where(behind(begin, self._key, CHARACTERS.c.id, descending=not goes_up(self._sort)))
        ways = [self._key, col(Character.id)] if goes_up(self._sort) else [self._key.desc(), col(Character.id).desc()]
        rows = await self._db.exec(question.order_by(*ways).limit(limit))
        return [Cursor(value, row_id, step) for value, row_id in rows]

    def _merged(self, lists: list[list[Cursor]]) -> list[Cursor]:
        if len(lists) == 1:
            return lists[0]
        together = [place for each in lists for place in each]
        return sorted(together, key=lambda place: (place.value, place.id), reverse=not goes_up(self._sort))
