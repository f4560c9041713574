"""Is somebody using the database? Asked before it is replaced or left behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from storage.backup.postgres_tools import connect
from storage.backup.refused import Refused
from storage.sqlite_file import FileInUse, only_server_of
from storage.url import file_of, read_url

OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@contextmanager
def unused(url: str) -> Iterator[None]:
    """Raises `Refused` if it is in use now. On SQLite servers are kept out until the end."""
    if file_of(read_url(url)):
        with ExitStack() as held:
            try:
                held.enter_context(only_server_of(url))
            except FileInUse:
                raise Refused("A server is using the database: stop it first.") from None
            yield
        return
    with connect(url) as connection:
        others = connection.execute(OTHERS).fetchone()
    if others and others[0]:
        raise Refused("Somebody is connected to the database: stop every server that uses it first.")
    yield
