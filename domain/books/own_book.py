"""The book of a character, which is created when it is first needed."""

from __future__ import annotations

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.row_locks import lock_accounts
from domain.books.access import record_change
from domain.books.book_rows import BookRows, add_book
from domain.model.book import Book
from domain.model.character import Character
from domain.model.user import User
from storage.database import LOCK_FOR_UPDATE


async def own_book(db: AsyncSession, person: User, character: Character) -> Book:
    """The character's book; an empty one is created if there is none. Of two simultaneous requests, the second finds
    the book of the first.
    """
    await lock_accounts(db, character.owner_id)
    await db.refresh(character, with_for_update=LOCK_FOR_UPDATE)
    own = Book.character_id == character.id, col(Book.deleted_at).is_(None)
    book = (await db.exec(select(Book).where(*own).with_for_update(**LOCK_FOR_UPDATE))).first()
    if book is None:
        empty = BookRows(character.name, None, None, None, "{}", [])
        book = await add_book(db, empty, owner_id=character.owner_id, character_id=character.id)
        await record_change(db, person, book)
    return book
