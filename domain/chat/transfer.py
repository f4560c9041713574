"""The rows of a whole dialog, read for a file and written from one: some hundred at a time, so that others get on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import and_, insert, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.names import storable
from domain.accounts.user import User
from domain.characters.character import Character
from domain.chat.dialog import Message
from domain.chat.export import Said, SavedDialog
from domain.errors import Invalid
from storage.columns import known_id

CHUNK = 200
"""Rows that keep the event loop for some milliseconds."""

Item = TypeVar("Item")


async def read_tree(db: AsyncSession, dialog_id: int) -> list[Said]:
    """Every message that is not deleted and does not stand below a deleted one, oldest first."""
    tree: dict[int, Said] = {}
    whole = select(Message).where(Message.dialog_id == dialog_id).order_by(col(Message.id)).limit(CHUNK)
    rows = (await db.exec(whole)).all()
    while rows:
        for row in rows:
            if row.deleted_at is None and (row.parent_id is None or row.parent_id in tree):
                tree[row.id] = Said(row.id, row.parent_id, row.role, row.text, row.state, row.created_at, row.is_loaded)
        rows = (await db.exec(whole.where(col(Message.id) > rows[-1].id))).all()
    return list(tree.values())


async def keep_tree(db: AsyncSession, dialog_id: int, saved: SavedDialog) -> int | None:
    """Add the messages of a file to an empty dialog; returns the new id of its leaf.

    Rows that come without an id get one after the other, on both databases, so the order tells which is whose.
    """
    for chunk in _chunks(saved.messages):
        rows = [each._asdict() | {"dialog_id": dialog_id} for each in chunk]
        for row in rows:
            del row["id"], row["parent_id"]
        await db.exec(insert(Message), params=rows)
    new_ids = (await db.exec(select(Message.id).where(Message.dialog_id == dialog_id).order_by(col(Message.id)))).all()
    new_id = dict(zip((each.id for each in saved.messages), new_ids, strict=True))
    parents = [
        {"id": new_id[each.id], "parent_id": new_id[each.parent_id]} for each in saved.messages if each.parent_id
    ]
    for links in _chunks(parents):
        await db.exec(update(Message), params=links)
    return new_id[saved.leaf_id] if saved.leaf_id else None


async def character_for(db: AsyncSession, person: User, saved: SavedDialog) -> Character:
    """The very character of the file, or else one of its name, the person's own before others'; raises `Invalid`."""
    is_the_same = col(Character.id) == known_id(saved.character_id)
    is_own = col(Character.owner_id) == person.id
    blocked = select(User.id).where(User.id == Character.owner_id, col(User.is_blocked).is_(True))
    is_there = and_(col(Character.is_public), col(Character.is_blocked).is_(False), ~blocked.exists())
    found = await db.exec(
        select(Character)
        .where(Character.name == storable(saved.character_name), col(Character.deleted_at).is_(None))
        .where(or_(is_there, is_own))
        .order_by(is_the_same.desc(), is_own.desc(), col(Character.id))
        .limit(1)
    )
    character = found.first()
    if character is None:
        raise Invalid(
            "There is no character called {name} here whom you could talk with.", name=storable(saved.character_name)
        )
    return character


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[at : at + CHUNK] for at in range(0, len(items), CHUNK))
