"""Bulk inserts: many rows at once, under ids reserved beforehand; for filling a database, not for requests of users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, text
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database import Database
from storage.url import SQLITE

Row = dict[str, Any]


async def reserve_ids(db: AsyncSession, table: Table, count: int) -> list[int]:
    """Reserve ascending ids that nobody else will get, in the transaction of `Database.write()` that uses them."""
    if not count:
        return []
    connection = await db.connection()
    if connection.dialect.name == SQLITE:  # we are the only writer until the transaction ends
        given = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        last = (await connection.execute(given, {"name": table.name})).scalar() or 0
        return list(range(last + 1, last + count + 1))
    taking = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return sorted((await connection.execute(taking, {"name": f'"{table.name}"', "count": count})).scalars())


async def add_rows(db: AsyncSession, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows; every row names the same columns."""
    if not rows:
        return
    connection = await db.connection()
    if connection.dialect.name != SQLITE:
        # PostgreSQL plans its foreign key checks at the first row. While the table is small it would choose a
        # sequential scan, and keep it once the table is large.
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
    await connection.execute(table.insert(), rows)


async def analyze(database: Database) -> None:
    """Run ANALYZE: update the statistics that the query planner relies on."""
    async with database.write() as db:
        await (await db.connection()).execute(text("ANALYZE"))
