"""LISTEN/NOTIFY of PostgreSQL as the wire's line, over two connections of its own: one listens, one sends.

Never within the transaction of a use case: committing with a notification takes a lock on the whole server. Nor from
the pool: LISTEN belongs to its connection, and PgBouncer in transaction mode hands that to somebody else (`BUS_URL` may
then name the server itself).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager

from psycopg import AsyncConnection, Error

from storage.url import read_url
from storage.wire.reconnecting import LineLost

CONNECTED_WITHIN = 3  # seconds
SEND = "SELECT pg_notify(%s, message) FROM unnest(%s::text[]) AS message"


class PostgresqlLine:
    """PostgreSQL drops notifications that repeat an earlier one of the same transaction: here, of a batch
    (https://www.postgresql.org/docs/current/sql-notify.html).
    """

    def __init__(self, hearing: AsyncConnection, sending: AsyncConnection, channel: str) -> None:
        self._channel = channel
        self._hearing = hearing
        self._sending = sending

    async def publish(self, messages: Sequence[str]) -> None:
        if messages:
            with _losses_named():
                await self._sending.execute(SEND, (self._channel, list(messages)))

    async def messages(self) -> AsyncIterator[str]:
        with _losses_named():
            async with aclosing(self._hearing.notifies()) as notifications:
                async for each in notifications:
                    yield each.payload


@asynccontextmanager
async def connect(url: str, channel: str) -> AsyncGenerator[PostgresqlLine]:
    """`url` as DATABASE_URL is written; `channel` is a name that needs no quotes."""
    address = read_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    async with _connection(address) as hearing, _connection(address) as sending:
        with _losses_named():
            await hearing.execute(f"LISTEN {channel}")
        yield PostgresqlLine(hearing, sending, channel)


@asynccontextmanager
async def _connection(address: str) -> AsyncGenerator[AsyncConnection]:
    with _losses_named():
        async with asyncio.timeout(CONNECTED_WITHIN):
            connection = await AsyncConnection.connect(
                address, autocommit=True, application_name="beseda bus", client_encoding="utf8"
            )
    try:
        yield connection
    finally:
        await connection.close()


@contextmanager
def _losses_named() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise LineLost("the database does not answer") from error
    except (Error, OSError) as error:
        raise LineLost(str(error).partition("\n")[0]) from error
