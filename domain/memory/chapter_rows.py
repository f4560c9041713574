"""Chapters in the database: which of them are on a path, and who is working on which (leases).

A row in state `running` shows that somebody works on it; a unique constraint lets only one begin. `attempts` grows with
each claim, and the worker remembers its number: if the row has another one, somebody else has taken it over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.row_locks import lock_accounts
from domain.clock import now
from domain.instances.leases import lease_for, leases_now
from domain.memory.chapter_plan import Node, Span
from domain.memory.path_ids import Path
from domain.memory.rows import DIGEST, ChapterState, MemoryChapter
from storage.database import Database
from storage.upsert import insert_into

LEASE = timedelta(seconds=30)
SUMS = range(DIGEST)
"""The levels of chapters and their sums: enough for longer talks than anybody has."""
PAGE = 20
"""Rows read at once while looking for one on the path among those of other branches."""


@dataclass(frozen=True)
class Job:
    """A row that is ours as long as its `attempts` has not changed."""

    id: int
    dialog_id: int
    level: int
    first_id: int
    last_id: int
    attempts: int


_NODE: tuple[Any, ...] = (
    *(MemoryChapter.id, MemoryChapter.level, MemoryChapter.first_id, MemoryChapter.last_id, MemoryChapter.covered),
    func.length(MemoryChapter.text),
    col(MemoryChapter.state) == ChapterState.DONE,
)


async def nodes_between(
    db: AsyncSession,
    dialog_id: int,
    after: int,
    upto: int,
    *,
    levels: Iterable[int] = SUMS,
    begin_before: int | None = None,
) -> dict[int, list[Node]]:
    """The nodes of all branches, by level, that end after the message `after` and at `upto` at the latest."""
    ends = col(MemoryChapter.last_id) > after, col(MemoryChapter.last_id) <= upto
    query = select(*_NODE).where(MemoryChapter.dialog_id == dialog_id, col(MemoryChapter.level).in_(levels), *ends)
    if begin_before is not None:
        query = query.where(col(MemoryChapter.first_id) < begin_before)
    found: dict[int, list[Node]] = {}
    for row in await db.exec(query):
        node = Node(*row)
        found.setdefault(node.level, []).append(node)
    return found


async def newest_on(
    db: AsyncSession,
    dialog_id: int,
    path: Path,
    level: int,
    *,
    upto: int | None = None,
    begun_before: int | None = None,
    with_text: bool = False,
) -> Node | None:
    """The last node of this level on the path that ends at `upto` at the latest and begins before `begun_before`;
    `with_text`: only one that has its text already.
    """
    end = upto if upto is not None else path.ids[-1] if path else 0
    is_of_level: list[Any] = [MemoryChapter.dialog_id == dialog_id, MemoryChapter.level == level]
    if begun_before is not None:
        is_of_level.append(col(MemoryChapter.first_id) < begun_before)
    while True:
        query = select(*_NODE).where(*is_of_level, col(MemoryChapter.last_id) <= end)
        page = [Node(*row) for row in await db.exec(query.order_by(col(MemoryChapter.last_id).desc()).limit(PAGE))]
        for node in page:
            if node.last_id in path and (node.has_text or not with_text):
                return node
        if len(page) < PAGE:
            return None
        end = page[-1].last_id - 1


async def texts_of(db: AsyncSession, nodes: Sequence[Node]) -> list[str]:
    """The texts of the nodes, in their order."""
    query = select(MemoryChapter.id, MemoryChapter.text).where(col(MemoryChapter.id).in_([each.id for each in nodes]))
    found = dict((await db.exec(query)).all())
    return [found.get(each.id, "") for each in nodes]


def is_free() -> ColumnElement[bool]:
    """Whether a row waits to be worked on, or its worker died, and it may be tried now."""
    lease, try_after = col(MemoryChapter.lease_until), col(MemoryChapter.try_after)
    return and_(
        col(MemoryChapter.state) != ChapterState.DONE,
        or_(lease.is_(None), lease < leases_now()),
        or_(try_after.is_(None), try_after <= now()),
    )


async def unfinished(db: AsyncSession, dialog_id: int) -> list[MemoryChapter]:
    """The free rows of this dialog, the finest level first."""
    query = select(MemoryChapter).where(MemoryChapter.dialog_id == dialog_id, is_free())
    return list(await db.exec(query.order_by(col(MemoryChapter.level), col(MemoryChapter.id))))


async def claim_new(database: Database, dialog_id: int, user_id: int, span: Span) -> Job | None:
    """Add a row for this span and claim it; None if there is one already, or the account is gone."""
    async with database.write() as db:
        if not await lock_accounts(db, user_id):
            return None
        adding = insert_into(MemoryChapter, database.dialect).values(
            dialog_id=dialog_id,
            level=span.level,
            first_id=span.first_id,
            last_id=span.last_id,
            covered=span.covered,
            lease_until=lease_for(LEASE),
            attempts=1,
        )
        adding = adding.on_conflict_do_nothing(index_elements=["level", "first_id", "last_id"])
        row_id = (await db.exec(adding.returning(col(MemoryChapter.id)))).scalar()
    return row_id and Job(row_id, dialog_id, span.level, span.first_id, span.last_id, 1)


async def claim(database: Database, row: MemoryChapter) -> Job | None:
    """Claim the row; None if it is no longer free."""
    taking: dict[str, Any] = {
        "state": ChapterState.RUNNING,
        "lease_until": lease_for(LEASE),
        "attempts": MemoryChapter.attempts + 1,
        "try_after": None,
    }
    claiming = update(MemoryChapter).where(col(MemoryChapter.id) == row.id, is_free()).values(taking)
    async with database.write() as db:
        attempts = (await db.exec(claiming.returning(col(MemoryChapter.attempts)))).scalar()
    return attempts and Job(row.id, row.dialog_id, row.level, row.first_id, row.last_id, attempts)


def is_ours(job: Job) -> ColumnElement[bool]:
    return and_(
        col(MemoryChapter.id) == job.id,
        col(MemoryChapter.state) == ChapterState.RUNNING,
        col(MemoryChapter.attempts) == job.attempts,
    )


async def renew(database: Database, job: Job) -> bool:
    """Renew the lease; False if the row is no longer ours."""
    renewing = update(MemoryChapter).where(is_ours(job)).values(lease_until=lease_for(LEASE))
    async with database.write() as db:
        return bool((await db.exec(renewing)).rowcount)


async def put_back(database: Database, job: Job) -> None:
    """Undo the claim, so that anybody may take the row at once."""
    await _end(database, job, attempts=job.attempts - 1)


async def fail(database: Database, job: Job, fault: str, reference: str, try_after: datetime) -> None:
    await _end(database, job, fault=fault, reference=reference, try_after=try_after)


async def postpone(database: Database, dialog_id: int, try_after: datetime) -> None:
    """Put off the free rows of this dialog until `try_after`."""
    left = update(MemoryChapter).where(col(MemoryChapter.dialog_id) == dialog_id, is_free())
    waiting: dict[str, Any] = {"state": ChapterState.FAILED, "lease_until": None, "try_after": try_after}
    async with database.read() as db:
        if not await unfinished(db, dialog_id):
            return
    async with database.write() as db:
        await db.exec(left.values(waiting))


async def _end(database: Database, job: Job, **values: Any) -> None:
    ending: dict[str, Any] = {"state": ChapterState.FAILED, "lease_until": None} | values
    async with database.write() as db:
        await db.exec(update(MemoryChapter).where(is_ours(job)).values(ending))
