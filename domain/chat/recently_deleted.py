"""Recently deleted: items that a person has deleted in the last month, to be restored or erased at once.

They are only those that the person deleted, not an admin. Each kind of item is restored by its own use case.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authenticate, authorize_writer
from domain.bin import bin_since
from domain.chat.tree.own_dialog import dialog_to_change
from domain.errors import NotFound
from domain.model.character import Character
from domain.model.dialog import Dialog, Message
from domain.model.user import User
from storage.columns import clamp_id
from storage.database import LOCK_FOR_UPDATE, Database

LISTED = 100
"""Maximum items of each kind, the ones deleted last."""


class Kind(StrEnum):
    CHAT = "chat"
    MESSAGE = "message"
    CHARACTER = "character"


@dataclass(frozen=True)
class DeletedItem:
    """`name` is the name of the chat or character; `words` is the text of a message."""

    kind: Kind
    id: int
    name: str
    words: str
    deleted_at: datetime


class RecentlyDeleted:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_own(self, caller: Caller) -> list[DeletedItem]:
        """Items that the person can restore, the last deleted first."""
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            items = [*await _chats(db, person), *await _messages(db, person), *await _characters(db, person)]
        return sorted(items, key=lambda item: item.deleted_at, reverse=True)

    async def erase(self, caller: Caller, kind: Kind, item_id: int) -> None:
        """Delete for good, as if the month were over. Nobody can restore the item any more. Raises `ReadOnly`."""
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            item = await _ITEMS[kind](db, person, clamp_id(item_id))
            if item is None or item.deleted_at is None:
                raise NotFound("There is nothing deleted here any more.")
            item.deleted_at = min(item.deleted_at, bin_since())


async def _chats(db: AsyncSession, person: User) -> list[DeletedItem]:
    found = await db.exec(
        select(Dialog, Character)
        .join(Character, col(Character.id) == Dialog.character_id)
        .where(Dialog.user_id == person.id, col(Dialog.deleted_at) > bin_since(), col(Dialog.loading_until).is_(None))
        .order_by(col(Dialog.deleted_at).desc())
        .limit(LISTED)
    )
    return [_item(Kind.CHAT, dialog, dialog.title or character.name) for dialog, character in found]


async def _messages(db: AsyncSession, person: User) -> list[DeletedItem]:
    """The deleted messages, without replies that had no text (`Branches.regenerate`)."""
    found = await db.exec(
        select(Message, Dialog, Character)
        .join(Dialog, col(Dialog.id) == Message.dialog_id)
        .join(Character, col(Character.id) == Dialog.character_id)
        .where(Dialog.user_id == person.id, col(Dialog.deleted_at).is_(None))
        .where(col(Message.deleted_at) > bin_since(), Message.text != "")
        .order_by(col(Message.deleted_at).desc())
        .limit(LISTED)
    )
    return [
        _item(Kind.MESSAGE, message, dialog.title or character.name, message.text)
        for message, dialog, character in found
    ]


async def _characters(db: AsyncSession, person: User) -> list[DeletedItem]:
    found = await db.exec(
        select(Character)
        .where(Character.owner_id == person.id, Character.deleted_by_id == person.id)
        .where(col(Character.deleted_at) > bin_since(), Character.context != "")
        .order_by(col(Character.deleted_at).desc())
        .limit(LISTED)
    )
    return [_item(Kind.CHARACTER, character, character.name) for character in found]


def _item(kind: Kind, thing: Dialog | Message | Character, name: str, words: str = "") -> DeletedItem:
    return DeletedItem(kind, thing.id, name, words, thing.deleted_at or bin_since())


async def _chat(db: AsyncSession, person: User, dialog_id: int) -> Dialog:
    return await dialog_to_change(db, person, dialog_id, deleted_too=True)


async def _message(db: AsyncSession, person: User, message_id: int) -> Message | None:
    message = await db.get(Message, message_id)
    if message:
        await dialog_to_change(db, person, message.dialog_id)
        await db.refresh(message)  # it may have been restored while waiting for the lock
    return message


async def _character(db: AsyncSession, person: User, character_id: int) -> Character | None:
    character = await db.get(Character, character_id, with_for_update=LOCK_FOR_UPDATE)
    is_own = character is not None and character.owner_id == character.deleted_by_id == person.id
    return character if is_own else None


_ITEMS: dict[Kind, Callable[[AsyncSession, User, int], Awaitable[Dialog | Message | Character | None]]] = {
    Kind.CHAT: _chat,
    Kind.MESSAGE: _message,
    Kind.CHARACTER: _character,
}
