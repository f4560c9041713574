"""Mutual exclusion of a restore into PostgreSQL: it keeps everybody else away by a lock while it runs, and by what it
puts aside, which stays if it is killed.

Until those tables are put back or dropped nobody may write: the next restore puts them back and drops the others.
"""

from __future__ import annotations

from storage.backup.refused import Refused

ASIDE = "before_restore"
"""The schema that the tables from before wait in."""
_LOCK = 0x_BE5E_DB
TRY_TO_HOLD = f"SELECT pg_try_advisory_lock({_LOCK})"
"""Of the session: the lock is that of a restore, or a move, from its beginning to its end."""
LET_GO = f"SELECT pg_advisory_unlock({_LOCK})"
TRY_TO_SHARE = f"SELECT pg_try_advisory_xact_lock_shared({_LOCK})"
"""Of the transaction: an upgrade's, which a server starts with."""
IS_BROKEN_OFF = f"SELECT to_regnamespace('{ASIDE}') IS NOT NULL"


def under_way() -> Refused:
    return Refused("A restore into this database, or a move, is under way: wait for its end.")


def broken_off() -> Refused:
    return Refused(
        f"A restore into this database was broken off, and the tables from before it are in the schema {ASIDE}: run "
        "main.py restore FILE again. It puts them back first, and without --replace that is all it does."
    )
