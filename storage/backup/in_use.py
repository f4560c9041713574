"""Use check: whether anybody is using the database, before it is replaced or left behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg

from storage.backup.postgres_tools import connect
from storage.backup.refused import Refused
from storage.backup.restore_under_way import LET_GO, TRY_TO_HOLD
from storage.pooler import refuse_shared_processes
from storage.sqlite_file import FileInUse, only_server_of
from storage.url import file_of, read_url

OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""

LINGERS = 1  # seconds: a session ends on the server some moments after its client has disconnected
ASKED_EVERY = 0.02


@contextmanager
def unused(url: str) -> Iterator[None]:
    """Raises `Refused` if the database is in use. Keeps starting servers and other restores out until the end."""
    if file_of(read_url(url)):
        with ExitStack() as held:
            try:
                held.enter_context(only_server_of(url))
            except FileInUse:
                raise Refused("A server is using the database: stop it first.") from None
            yield
        return
    with connect(url) as connection:
        connection.autocommit = True  # so that no transaction stays open meanwhile
        if not _told(connection, TRY_TO_HOLD):
            raise Refused("Another restore into this database is under way, or a server just starts: wait for its end.")
        try:
            if _others_stay(connection):
                raise Refused(
                    "Somebody is connected to the database: first stop every server that uses it, and a pooler, "
                    "which keeps connections open."
                )
            with connect(url) as other:
                refuse_shared_processes(connection, other)
            yield
        finally:
            # This session lingers, too: the next command must not run into its lock.
            connection.execute(LET_GO)


def _others_stay(connection: psycopg.Connection) -> bool:
    give_up = time.monotonic() + LINGERS
    while _told(connection, OTHERS):
        if time.monotonic() > give_up:
            return True
        time.sleep(ASKED_EVERY)
    return False


def _told(connection: psycopg.Connection, question: str) -> object:
    row = connection.execute(question).fetchone()
    return row and row[0]
