"""Pooler check: a pooler in front of PostgreSQL has to pool sessions; one that pools transactions is detected, and
refused.

That kind gives each transaction any free connection. Newer ones prepare statements again behind our backs, so all seems
well; but LISTEN stays with a connection that others use, and so does the lock that keeps servers away from a restore.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from storage.backup.refused import Refused
from storage.url import file_of, read_url

if TYPE_CHECKING:
    import psycopg

SERVER_PROCESS = "SELECT pg_backend_pid()"
IN_A_ROW = 3
"""Times that a session asks for its server process: a round-robin pooler would give it another one."""


class PoolsTransactions(Refused):
    def __init__(self) -> None:
        super().__init__(
            "DATABASE_URL: a pooler before this database hands connections on after each transaction. It has to pool "
            "sessions (PgBouncer: pool_mode = session)."
        )


def refuse_pooled_transactions(url: str) -> None:
    """Raises `PoolsTransactions`. A database that does not answer is left to its next user to report."""
    if file_of(read_url(url)):
        return
    import psycopg  # here, since a server on SQLite does not load it

    from storage.backup.postgres_tools import connect

    with suppress(psycopg.OperationalError), connect(url) as one, connect(url) as other:
        refuse_shared_processes(one, other)


def refuse_shared_processes(one: psycopg.Connection, other: psycopg.Connection) -> None:
    """Raises `PoolsTransactions` unless each of two simultaneous sessions keeps a server process of its own."""
    one.autocommit = other.autocommit = True
    serve_one, serve_other = ({_server_process(session) for _ in range(IN_A_ROW)} for session in (one, other))
    if len(serve_one) > 1 or len(serve_other) > 1 or serve_one == serve_other:
        raise PoolsTransactions


def _server_process(session: psycopg.Connection) -> object:
    return session.execute(SERVER_PROCESS).fetchone()
