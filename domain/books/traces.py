"""Traces: which entries were in the prompt of a reply, and why, as far as the viewer may know. The owner of the book
and admins see everything; others see the titles, if the book shows them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, literal, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.books.decorators import split_off
from domain.books.notes import without_notes
from domain.model.book import Book, BookEntry
from domain.model.dialog import Message
from domain.model.user import User
from storage.columns import in_ids

EXCERPT = 300
"""Maximum characters shown of an entry's text."""
MOST_SHOWN = 50
"""Maximum entries shown per reply."""


@dataclass(frozen=True)
class FiredEntry:
    """An entry that was in a prompt. `because` is the key it fired on; empty if it is always there or had stayed. For a
    viewer who may see only titles, everything else is empty.
    """

    id: int
    title: str
    text: str = ""
    keys: str = ""
    because: str = ""
    by_entry: bool = False
    """Whether the key was found in another entry."""

    @property
    def is_told(self) -> bool:
        """Whether the viewer may see more than its title."""
        return bool(self.text)


async def lore_of(db: AsyncSession, viewer: User, messages: Iterable[Message]) -> dict[int, tuple[FiredEntry, ...]]:
    """The fired entries of each reply, by its id, as far as the viewer may know. Entries deleted since are left out."""
    return await fired_of(db, viewer, {message.id: message.lore for message in messages if message.lore})


async def fired_of(
    db: AsyncSession, viewer: User, traces: Mapping[int, Sequence[Any]]
) -> dict[int, tuple[FiredEntry, ...]]:
    """As `lore_of`, for stored traces (`Message.lore`) by the ids of their replies."""
    shown = {reply_id: trace[:MOST_SHOWN] for reply_id, trace in traces.items()}
    wanted = {number for trace in shown.values() for number, *_why in trace}
    if not wanted:
        return {}
    rows = (await db.exec(_entries(viewer, wanted, db.get_bind().dialect.name))).all()
    entries = {row[0]: row for row in rows}
    found = {
        reply_id: tuple(_shown(entries[number], *why) for number, *why in trace if number in entries)
        for reply_id, trace in shown.items()
    }
    return {reply_id: fired for reply_id, fired in found.items() if fired}


def _entries(viewer: User, wanted: Iterable[int], dialect: str) -> Any:
    may_read = literal(True) if viewer.is_admin else col(Book.owner_id) == viewer.id
    shows = or_(may_read, col(Book.shows_titles) & (col(BookEntry.title) != ""))
    columns: tuple[Any, ...] = (
        BookEntry.id,
        BookEntry.title,
        case((may_read, col(BookEntry.entry)), else_=""),
        BookEntry.keys,
    )
    with_book = select(*columns).join(Book, col(Book.id) == col(BookEntry.book_id))
    is_there = col(BookEntry.deleted_at).is_(None), col(Book.deleted_at).is_(None)
    return with_book.where(in_ids(col(BookEntry.id), [*wanted], dialect), shows, *is_there)


def _shown(row: Any, because: str, by_entry: bool) -> FiredEntry:
    number, title, entry, keys = row
    if not entry:
        return FiredEntry(number, title)
    _decorators, content = split_off(json.loads(entry)["content"])
    return FiredEntry(number, title, without_notes(content)[:EXCERPT], keys, because, by_entry)
