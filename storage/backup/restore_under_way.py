"""Mutual exclusion of a restore into PostgreSQL: it keeps everybody else away by a lock while it runs, and by the
tables that it puts aside, which remain if it is killed.

Until those are put back or dropped nobody may write: the next restore puts them back and drops the others.
"""

from __future__ import annotations

from storage.backup.refused import Refused

ASIDE = "before_restore"
"""Schema that holds the previous tables during a restore."""
_LOCK = 0x_BE5E_DB
TRY_TO_HOLD = f"SELECT pg_try_advisory_lock({_LOCK})"
"""Takes the lock for the session: a restore, or a move, holds it from beginning to end."""
LET_GO = f"SELECT pg_advisory_unlock({_LOCK})"
TRY_TO_SHARE = f"SELECT pg_try_advisory_xact_lock_shared({_LOCK})"
"""Shares the lock for the transaction: that of an upgrade, with which every server starts, or of a dump."""
IS_BROKEN_OFF = f"SELECT to_regnamespace('{ASIDE}') IS NOT NULL"


def under_way() -> Refused:
    return Refused("A restore into this database, or a move, is under way: wait for its end.")


def broken_off() -> Refused:
    return Refused(
        f"A restore into this database was broken off, and the tables from before it are in the schema {ASIDE}: run "
        "main.py restore FILE again. It puts them back first, and without --replace that is all it does."
    )
