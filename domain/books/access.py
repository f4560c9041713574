"""Permissions of books: who owns one, and who may read and change it.

A character's book, like its other secrets, is open to its author and to admins. A world is its owner's alone, but
admins may read it while it is attached to a character, since it then reaches other people's chats.
"""

from __future__ import annotations

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.characters.characters import record_admin_action, record_private_view
from domain.characters.visibility import get_editable
from domain.clock import now
from domain.errors import NotAllowed, NotFound
from domain.model.audit_entry import is_view_recorded, record_view
from domain.model.book import Book, CharacterWorld
from domain.model.character import Character
from domain.model.user import User
from storage.columns import clamp_id
from storage.database import LOCK_FOR_UPDATE, Database


async def readable_book(db: AsyncSession, person: User, book_id: int) -> Book:
    """The book, if the person may read all of it; raises `NotFound`."""
    book = await db.get(Book, clamp_id(book_id))
    if book is None or book.deleted_at is not None:
        raise no_such_book()
    if book.character_id is not None:
        await _check_character(db, person, book.character_id)
    elif person.id != book.owner_id and not (person.is_admin and await _is_attached(db, book)):
        raise no_such_book()
    return book


async def book_to_change(db: AsyncSession, person: User, book_id: int, *, deleted_too: bool = False) -> Book:
    """As `readable_book`, for whoever may change it. The row is locked, so that changes to one book are serialised."""
    book = await db.get(Book, clamp_id(book_id), with_for_update=LOCK_FOR_UPDATE)
    if book is None or (book.deleted_at is not None and not deleted_too):
        raise no_such_book()
    if book.character_id is not None:
        await _check_character(db, person, book.character_id)
    elif person.id != book.owner_id:
        raise no_such_book()
    return book


async def record_book_view(database: Database, person: User, book: Book) -> None:
    """Record in the audit log that an admin has looked at somebody's world, or at the book of a private character."""
    if person.id == book.owner_id:
        return
    async with database.read() as db:
        character = await db.get_one(Character, book.character_id) if book.character_id is not None else None
        is_recorded = await is_view_recorded(db, person.id, "world", book.id)
    if character is not None:
        await record_private_view(database, person, character)
    elif not is_recorded:
        async with database.write() as db:
            await record_view(db, person.id, "world", book.id, person_id=book.owner_id)


async def record_change(db: AsyncSession, doer: User, book: Book) -> None:
    """Raise the revision, so that the compiled book is stale. An admin's change to somebody else's book goes into the
    audit log.
    """
    book.revision += 1
    book.changed_at = now()
    if book.character_id is not None and doer.id != book.owner_id:
        character = await db.get_one(Character, book.character_id)
        record_admin_action(db, doer, character, "changed", {"fields": [None, ["book"]]})


async def _check_character(db: AsyncSession, person: User, character_id: int) -> None:
    """Whoever may not edit the character must not learn that it has a book."""
    try:
        await get_editable(db, person, character_id)
    except (NotFound, NotAllowed) as error:
        raise no_such_book() from error


async def _is_attached(db: AsyncSession, book: Book) -> bool:
    attached = select(CharacterWorld.character_id).where(CharacterWorld.book_id == book.id)
    return (await db.exec(attached.limit(1))).first() is not None


def no_such_book() -> NotFound:
    return NotFound("There is no such book.")
