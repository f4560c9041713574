"""What an admin sees: how much there is, who there is, what was said."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, func, select

from domain.accounts.sessions import Caller, require_admin
from domain.accounts.user import User
from domain.characters.character import Character
from domain.chat.dialog import Dialog, Message
from domain.chat.path import outline_of, with_texts
from domain.errors import NotFound
from storage.columns import known_id
from storage.database import Database

FEW = 100
"""Characters and dialogs told of one person."""


@dataclass(frozen=True)
class Counts:
    """Deleted ones are not counted."""

    users: int
    characters: int
    dialogs: int
    messages: int


@dataclass(frozen=True)
class PersonSeen:
    """Somebody with their characters' names and their last dialogs, each with whom."""

    user: User
    characters: list[str]
    dialogs: list[tuple[Dialog, str]]


class Overview:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self, caller: Caller) -> Counts:
        async with self._database.read() as db:
            await require_admin(db, caller)
            living = (
                select(func.count()).select_from(table).where(col(table.deleted_at).is_(None))
                for table in (User, Character, Dialog, Message)
            )
            return Counts(*[(await db.exec(question)).one() for question in living])

    async def users(self, caller: Caller, limit: int, before: int | None = None) -> list[User]:
        """Newest first; `before` is the last id of the page above."""
        async with self._database.read() as db:
            await require_admin(db, caller)
            question = select(User).where(col(User.deleted_at).is_(None))
            if before is not None:
                question = question.where(col(User.id) < before)
            return list(await db.exec(question.order_by(col(User.id).desc()).limit(limit)))

    async def person(self, caller: Caller, user_id: int) -> PersonSeen:
        async with self._database.read() as db:
            await require_admin(db, caller)
            user = await db.get(User, known_id(user_id))
            if user is None or user.deleted_at is not None:
                raise NotFound("There is no such person.")
            characters = await db.exec(
                select(Character.name)
                .where(Character.owner_id == user.id, col(Character.deleted_at).is_(None))
                .order_by(col(Character.id).desc())
                .limit(FEW)
            )
            dialogs = await db.exec(
                select(Dialog, Character.name)
                .join(Character, col(Character.id) == Dialog.character_id)
                .where(Dialog.user_id == user.id, col(Dialog.deleted_at).is_(None))
                .order_by(col(Dialog.id).desc())
                .limit(FEW)
            )
            return PersonSeen(user, list(characters), [(dialog, name) for dialog, name in dialogs])

    async def dialog(self, caller: Caller, dialog_id: int, limit: int, after: int | None = None) -> list[Message]:
        """What was said in anybody's dialog, oldest first, to be read only; `after` is the last id read so far."""
        async with self._database.read() as db:
            await require_admin(db, caller)
            dialog = await db.get(Dialog, known_id(dialog_id))
            if dialog is None or dialog.deleted_at is not None:
                raise NotFound("There is no such conversation.")
            outline = await outline_of(db, dialog.leaf_id)
            return await with_texts(db, [each.id for each in outline if each.id > (after or 0)][:limit])
