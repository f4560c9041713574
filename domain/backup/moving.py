"""`main.py move --to postgresql://…`: everything from SQLite into an empty PostgreSQL database."""

from __future__ import annotations

import psycopg
from sqlmodel import SQLModel

from domain.backup.progress_bar import ProgressBar
from domain.characters.search_terms import KEPT
from domain.memory.recall.words import INDEX
from domain.settings.settings import Settings
from storage.backup.in_use import unused
from storage.backup.move import move_rows
from storage.backup.postgres_aside import refuse_killed
from storage.backup.postgres_tools import connect
from storage.backup.refused import Refused
from storage.migrate import upgrade
from storage.url import POSTGRESQL, SQLITE, read_url

FULL_TEXT = {"character": KEPT, "message": INDEX}


def move(settings: Settings, to: str) -> int:
    """Photos and the secret stay where they are, in the data folder."""
    try:
        kind = read_url(to).get_backend_name()
    except ValueError as error:
        raise Refused(f"--to: {error}") from error
    if kind != POSTGRESQL or read_url(settings.database).get_backend_name() != SQLITE:
        raise Refused("Moving goes from SQLite (DATABASE_URL) to PostgreSQL (--to) only.")
    try:
        connect(to).close()
    except psycopg.OperationalError as error:
        raise Refused("--to: this database does not answer or refuses us.") from error
    progress = ProgressBar()
    with unused(settings.database), unused(to):
        refuse_killed(to)
        upgrade(settings.database, by_server=True)  # allowed, since no server uses it now
        upgrade(to, alone=True)
        counts = move_rows(settings.database, to, SQLModel.metadata, FULL_TEXT, progress)
    progress.close()
    print(
        f"Moved: {sum(counts.values())} rows of {len(counts)} tables, compared row by row. Now set DATABASE_URL to the "
        "new address and start; DATA_DIR stays as it is. The SQLite file is untouched: keep it until you are content."
    )
    return 0
