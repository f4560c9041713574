"""A restore into PostgreSQL keeps everybody else away: by what it puts aside, which stays if it is killed.

Until those tables are put back or dropped nobody may write: the next restore puts them back and drops the others.
"""

from __future__ import annotations

from storage.backup.refused import Refused

ASIDE = "before_restore"
"""The schema that the tables from before wait in."""
IS_BROKEN_OFF = f"SELECT to_regnamespace('{ASIDE}') IS NOT NULL"


def broken_off() -> Refused:
    return Refused(
        f"A restore into this database was broken off, and the tables from before it are in the schema {ASIDE}: run "
        "main.py restore FILE again. It puts them back first, and without --replace that is all it does."
    )
