"""Query timeout: the database itself aborts what takes too long in a session, so nothing keeps running in the
background.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.sql import text
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.url import SQLITE

GIVEN_UP = {"SQLITE_INTERRUPT", "57014"}
"""Error codes of an aborted query: SQLite's name and PostgreSQL's SQLSTATE."""
AGAIN_EVERY = 0.01
"""Seconds between two interrupts: SQLite can only be interrupted while it works, not between two statements."""


class QueryTimeout(Exception):
    """The query was aborted. PostgreSQL executes nothing more in this transaction."""


@asynccontextmanager
async def with_timeout(db: AsyncSession, seconds: float) -> AsyncGenerator[None]:
    """Raises `QueryTimeout` if one statement inside (on SQLite all of them together) takes longer than that."""
    connection = await db.connection()
    stopping: asyncio.Task[None] | None = None
    if connection.dialect.name == SQLITE:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        stopping = asyncio.create_task(_stop(driver, seconds), name="time limit of a question")
    else:
        await connection.execute(text(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}"))
    try:
        yield
    except OperationalError as error:
        name = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
        if name in GIVEN_UP:
            raise QueryTimeout from error
        raise
    finally:
        if stopping:
            stopping.cancel()
            with suppress(asyncio.CancelledError):
                await stopping


async def _stop(driver: Any, seconds: float) -> None:
    await asyncio.sleep(seconds)
    while True:
        await driver.interrupt()
        await asyncio.sleep(AGAIN_EVERY)
