"""Ownership of dialogs: the permission checks with which every use case of a dialog begins, the query for dialogs, and
their locks.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as rows_of  # yields rows even for a single column, unlike SQLModel's
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import (
    Caller,
    authorize_writer_and_read,
    for_somebody,
)
from domain.characters.visibility import AUTHOR
from domain.chat.tree.message_tree import is_deleted
from domain.errors import Gone, NotFound
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from storage.columns import clamp_id
from storage.database import LOCK_FOR_UPDATE

DIALOGS: Any = (
    select(Dialog, Character, AUTHOR)
    .join(Character, col(Character.id) == col(Dialog.character_id))
    .join(AUTHOR, col(AUTHOR.id) == col(Character.owner_id))
)
"""Query for dialogs, each with its character and the character's author."""
_TALK = (  # built once, since every reply runs it
    select(Dialog.user_id, Dialog.character_id)
    .join(User, col(User.id) == col(Dialog.user_id))
    .where(Dialog.id == bindparam("dialog"))
    .with_for_update(**LOCK_FOR_UPDATE, of=(User, Dialog))
)

_TO_CHANGE = for_somebody(  # built once, since every turn runs it
    rows_of(Dialog).where(col(Dialog.id) == bindparam("dialog"), col(Dialog.user_id) == col(User.id))
).with_for_update(**LOCK_FOR_UPDATE, of=(User, Dialog))


async def own_dialog(db: AsyncSession, person: User, dialog_id: int) -> Dialog:
    """The dialog, if it is this user's and not in the bin; raises `NotFound`."""
    dialog = await db.get(Dialog, clamp_id(dialog_id))
    if dialog is None:
        raise no_such_dialog()
    check_own(dialog, person)
    return dialog


async def dialog_to_change(db: AsyncSession, person: User, dialog_id: int, *, deleted_too: bool = False) -> Dialog:
    """As `own_dialog`, with the row locked: changes to one dialog are serialised (on SQLite all writes are)."""
    dialog = await db.get(Dialog, clamp_id(dialog_id), with_for_update=LOCK_FOR_UPDATE)
    if dialog is None:
        raise no_such_dialog()
    check_own(dialog, person, deleted_too=deleted_too)
    return dialog


async def authorize_to_change(
    db: AsyncSession, caller: Caller, dialog_id: int, *, trial_too: bool = False
) -> tuple[User, Dialog]:
    """`authorize_writer` and `dialog_to_change` in one statement: both rows are locked for an update, the person's
    first.
    """
    person, found = await authorize_writer_and_read(
        db, caller, _TO_CHANGE, trial_too=trial_too, dialog=clamp_id(dialog_id)
    )
    if not found:
        raise no_such_dialog()
    check_own(found[0][0], person)
    return person, found[0][0]


async def lock_talk(db: AsyncSession, dialog_id: int) -> tuple[int, int] | None:
    """The user and character of the dialog; the rows of user and dialog are locked until the end of the transaction.

    The user is locked first, as in account deletion, then the dialog, as in sending a message: locking only a message
    or a chapter would deadlock with them. PostgreSQL locks the tables in the order in which they are named here.
    """
    return (await db.exec(_TALK, params={"dialog": dialog_id})).first()


async def own_message(db: AsyncSession, person: User, message_id: int) -> tuple[Message, Dialog]:
    """The message and its locked dialog, if they are this user's and not deleted."""
    message = await db.get(Message, clamp_id(message_id))
    if message is None:
        raise NotFound("No such message.")
    dialog = await dialog_to_change(db, person, message.dialog_id)
    await db.refresh(message)  # it may have changed while waiting for the lock
    if await is_deleted(db, message):
        raise NotFound("No such message.")
    return message, dialog


def check_own(dialog: Dialog, person: User, *, deleted_too: bool = False) -> None:
    """Permission check on a loaded row: raises `NotFound`."""
    if dialog.user_id != person.id:
        raise no_such_dialog()
    if (dialog.deleted_at and not deleted_too) or dialog.loading_until:
        raise Gone("This chat doesn't exist.")


def no_such_dialog() -> NotFound:
    return NotFound("This chat doesn't exist.")
