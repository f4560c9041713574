"""Whose a book is, and who may read and change it: its author, and admins."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.characters.characters import get_editable, record_admin_action
from domain.clock import now
from domain.errors import NotFound
from domain.language import N_
from domain.model.audit_entry import record_audit
from domain.model.book import Book
from domain.model.character import Character
from domain.model.user import User
from storage.columns import clamp_id
from storage.database import LOCK_FOR_UPDATE


async def readable_book(db: AsyncSession, person: User, book_id: int, *, deleted_too: bool = False) -> Book:
    """The book, with all it says; raises `NotFound`."""
    return await _checked(db, person, await db.get(Book, clamp_id(book_id)), deleted_too=deleted_too)


async def book_to_change(db: AsyncSession, person: User, book_id: int, *, deleted_too: bool = False) -> Book:
    """As `readable_book`, with the row locked: changes of one book wait for each other."""
    book = await db.get(Book, clamp_id(book_id), with_for_update=LOCK_FOR_UPDATE)
    return await _checked(db, person, book, deleted_too=deleted_too)


async def note_change(db: AsyncSession, doer: User, book: Book, action: str = "changed") -> None:
    """Whatever was made ready of the book before is stale; an admin's hand in somebody else's is in the audit log."""
    book.revision += 1
    book.changed_at = now()
    if doer.id == book.owner_id:
        return
    if book.character_id is None:
        record_audit(db, doer.id, f"book.{action}", "book", book.id, person_id=book.owner_id)
    else:
        character = await db.get_one(Character, book.character_id)
        record_admin_action(db, doer, character, "changed", {"fields": [None, ["book"]]})


async def _checked(db: AsyncSession, person: User, book: Book | None, *, deleted_too: bool) -> Book:
    if book is None or (book.deleted_at is not None and not deleted_too):
        raise no_such_book()
    if book.character_id is not None:
        await get_editable(db, person, book.character_id)
    elif not (person.is_admin or person.id == book.owner_id):
        raise no_such_book()
    return book


def no_such_book() -> NotFound:
    return NotFound(N_("There is no such book."))
