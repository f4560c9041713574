"""Naming convention: the names of constraints and indexes, shared by every table.

The names are the same on both databases, so that a migration can alter a constraint and the domain can recognise the
one that refused a row (`storage.database.violates`). They are assigned while a table is declared, hence this module
must be imported before the first table.

Timestamps need nothing from us: SQLModel stores a `datetime` field as aware UTC, returns it as aware UTC on SQLite as
well, and refuses a naive one.
"""

from __future__ import annotations

from sqlmodel import SQLModel

from storage.attribute_events import find_listeners_directly

find_listeners_directly()
SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
}


NO_ID_REUSE = {"sqlite_autoincrement": True}
"""Value for `__table_args__`: no id is ever reused, even after its row is deleted (AUTOINCREMENT). PostgreSQL never
reuses ids anyway.
"""


class Table(SQLModel):
    """The base of every table, so that the naming convention is set before it.

    Tables do not validate themselves, so what could is left unbuilt: 20 ms of each start for fifty of them.
    """

    model_config = {"defer_build": True}
