"""New messages: the question and the reply of a turn, inserted without the ORM, by statements built once.

Filling and comparing an object of a table class with thirty columns takes as long as two statements, and the request to
the model waits for that. So objects are made of these rows only where they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Insert, bindparam, insert, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.tree.message_tree import Above, place_below, show_below
from domain.clock import now
from domain.llm.port import Role
from domain.model.dialog import Dialog, Message, State
from storage.moments import DatabaseTime

_ROWS, _DIALOGS = (Message.metadata.tables[name] for name in ("message", "dialog"))
_GO_ON = update(_DIALOGS).where(_DIALOGS.c.id == bindparam("dialog"))


@dataclass(frozen=True)
class NewMessage:
    """Initial values of a message; its other columns have their defaults."""

    role: Role
    text: str = ""
    state: State = State.DONE
    client_id: str | None = None
    created_at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class AddedMessage:
    id: int
    values: Mapping[str, Any]
    """Its columns, except those that have their defaults and the lease."""

    def as_read(self) -> Message:
        """The object that a query would find."""
        return Message(id=self.id, **self.values)


async def add_new(
    db: AsyncSession,
    dialog: Dialog,
    parent_id: int | None,
    above: Above | None,
    *messages: NewMessage,
    lease: timedelta,
) -> list[AddedMessage]:
    """As `add_below`, for messages that are not objects yet; also updates the dialog's leaf, time and number of
    messages. `above` is the parent as read in this transaction; a running message gets a lease of this length.
    """
    connection = await db.connection()
    places = dict(above.places) if above else {}
    added: list[AddedMessage] = []
    for message in messages:
        is_running = message.state == State.RUNNING
        depth, jump_id = place_below(parent_id, places)
        values = {"dialog_id": dialog.id, "parent_id": parent_id, **vars(message), "depth": depth, "jump_id": jump_id}
        ends = {"lease_ends": message.created_at + lease} if is_running else {}
        inserted = await connection.execute(_insert(lease if is_running else None), values | ends)
        key: Any = inserted.inserted_primary_key  # never None after one row
        places[key.id] = depth, jump_id
        added.append(AddedMessage(key.id, values))
        parent_id = key.id
    await show_below(db, above, added[0].id)
    said = sum(message.role == Role.USER for message in messages)
    changed = {"leaf_id": parent_id, "spoken_at": now(), "messages": dialog.messages + said}
    await connection.execute(_GO_ON, {"dialog": dialog.id, **changed})
    for name, value in changed.items():
        set_committed_value(dialog, name, value)
    return added


@cache
def _insert(lease: timedelta | None) -> Insert:
    """The insert statement; a lease goes by the database's clock (domain/instances/leases.py)."""
    if lease is None:
        return insert(_ROWS)
    ends = bindparam("lease_ends", type_=_ROWS.c.lease_until.type)
    return insert(_ROWS).values(lease_until=DatabaseTime(ends, lease))
