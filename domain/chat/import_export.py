"""Import and export of a dialog's rows, in batches of some hundred, so that others get their turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Enum, String, and_, or_, type_coerce
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.chat.transcript.export import ExportedMessage, MessageRow
from domain.chat.transcript.saved_dialog import SavedDialog
from domain.chat.tree.message_tree import JumpPointer, place_below
from domain.errors import Invalid
from domain.model.character import Character
from domain.model.dialog import Message
from domain.model.user import User
from domain.text import without_unstorable
from storage.bulk import Row, add_rows, reserve_ids
from storage.columns import clamp_id

CHUNK = 200
"""Rows per batch: so many block the event loop only for some milliseconds."""
MESSAGES = Message.metadata.tables["message"]


async def read_tree(db: AsyncSession, dialog_id: int) -> list[MessageRow]:
    """Every message that is not deleted and not below a deleted one, oldest first."""
    tree: dict[int, MessageRow] = {}
    columns: list[Any] = [MESSAGES.c[name] for name in ExportedMessage._fields]
    plain = [type_coerce(each, String) if isinstance(each.type, Enum) else each for each in columns]
    whole = (
        select(*plain)
        .where(Message.dialog_id == dialog_id, col(Message.deleted_at).is_(None))
        .order_by(col(Message.id))
        .limit(CHUNK)
    )
    rows = (await db.exec(whole)).all()
    while rows:
        for row in rows:
            if row.parent_id is None or row.parent_id in tree:
                tree[row.id] = tuple(row)
        rows = (await db.exec(whole.where(col(Message.id) > rows[-1].id))).all()
    return list(tree.values())


class DialogImport:
    """Imports the messages of a file into an empty dialog, some hundred per transaction."""

    def __init__(self, dialog_id: int, saved: SavedDialog) -> None:
        self._dialog_id = dialog_id
        self._saved = saved
        self.new_ids: dict[int, int] = {}
        """Maps the ids in the file to those of the messages stored so far."""
        self._places: dict[int, JumpPointer] = {}

    @property
    def leaf_id(self) -> int | None:
        """The id of the new leaf, once all messages are stored."""
        return self.new_ids[self._saved.leaf_id] if self._saved.leaf_id else None

    def chunks(self) -> Iterator[Sequence[ExportedMessage]]:
        """Batches of messages, parents before their children."""
        return (self._saved.messages[at : at + CHUNK] for at in range(0, len(self._saved.messages), CHUNK))

    async def store(self, db: AsyncSession, chunk: Sequence[ExportedMessage]) -> None:
        """Insert a batch of messages; the previous ones are stored already."""
        ids = await reserve_ids(db, MESSAGES, len(chunk))
        await add_rows(db, MESSAGES, [self._row(said, new_id) for said, new_id in zip(chunk, ids, strict=True)])

    def _row(self, said: ExportedMessage, new_id: int) -> Row:
        parent_id = self.new_ids[said.parent_id] if said.parent_id else None
        self.new_ids[said.id] = new_id
        self._places[new_id] = depth, jump_id = place_below(parent_id, self._places)
        own = {"id": new_id, "dialog_id": self._dialog_id, "parent_id": parent_id, "depth": depth, "jump_id": jump_id}
        return said._asdict() | own


async def character_for(db: AsyncSession, person: User, saved: SavedDialog) -> Character:
    """The file's character, or else one of the same name, the user's own before others'; raises `Invalid`."""
    is_the_same = col(Character.id) == clamp_id(saved.character_id)
    is_own = col(Character.owner_id) == person.id
    blocked = select(User.id).where(User.id == Character.owner_id, col(User.is_blocked).is_(True))
    is_there = and_(col(Character.is_public), col(Character.is_blocked).is_(False), ~blocked.exists())
    found = await db.exec(
        select(Character)
        .where(Character.name == without_unstorable(saved.character_name), col(Character.deleted_at).is_(None))
        .where(or_(is_there, is_own))
        .order_by(is_the_same.desc(), is_own.desc(), col(Character.id))
        .limit(1)
    )
    character = found.first()
    if character is None:
        raise Invalid(
            "There's no character called {name} here that you can chat with.",
            name=without_unstorable(saved.character_name),
        )
    return character
