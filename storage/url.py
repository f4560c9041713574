"""Database URL: parses what people write into the form that SQLAlchemy needs."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

SQLITE = "sqlite"
POSTGRESQL = "postgresql"


def read_url(text: str, *, blocking: bool = False) -> URL:
    """Parse `sqlite:///./x.db`, `postgresql://…` and `postgres://…`, whatever driver they name.

    `blocking` asks for the drivers of a synchronous engine. Raises `ValueError` for anything else; its message never
    repeats the URL, which may hold a password.
    """
    try:
        url = make_url(text)
        kind = url.drivername.partition("+")[0]
    except (ArgumentError, ValueError):
        raise ValueError("The database address cannot be read: is it sqlite:///… or postgresql://…?") from None
    if kind in (POSTGRESQL, "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if kind != SQLITE:
        raise ValueError("The database address must begin with sqlite:/// or postgresql://.")
    if url.database in (None, "", ":memory:"):
        raise ValueError("A SQLite address must name a file: what is kept in memory only is lost with the process.")
    return url.set(drivername="sqlite" if blocking else "sqlite+aiosqlite")


def file_of(url: URL) -> Path | None:
    """The file of a SQLite database; None for PostgreSQL. Its folder is created if missing."""
    if url.get_backend_name() != SQLITE or url.database is None:
        return None
    file = Path(url.database)
    file.parent.mkdir(parents=True, exist_ok=True)
    return file
