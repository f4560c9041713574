"""Books, the use cases: characters' own books, and worlds, which a person attaches to characters and dialogs.

- `Books`: `of_character`, `view`, `worlds`; `create_for`, `create_world`, `change`, `delete`, `restore`
- `BookEntries` (book_entries.py): `lines`, `entry`; `add`, `save`, `duplicate`, `delete`, `restore`, `move`, `switch`
- `Worlds` (worlds.py): `of_character`, `of_dialog`; `attach`, `detach`, `attach_to_dialog`, `detach_from_dialog`
- `TryOut` (try_out.py): `of_text`, which finds the entries that fire on a text, and why

A character's book is read and changed by its author and by admins, whose changes are in the audit log. A world is its
owner's alone, but admins may read it while it is attached to a character. A deleted book can be restored for a month.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from domain.accounts.sessions import Caller, authenticate, authorize_writer
from domain.bin import KEPT_IN_BIN, bin_since
from domain.books.access import book_to_change, readable_book, record_book_view, record_change
from domain.books.book_view import BookView, view_of, views_of
from domain.books.own_book import own_book
from domain.characters.characters import record_private_view
from domain.characters.visibility import get_editable
from domain.clock import now
from domain.errors import Invalid, InvalidForm, NotAllowed
from domain.model.book import BOOK_NAME_LIMIT, Book
from domain.model.user import User
from domain.quotas import check_room_for_world
from domain.rate_limits import BOOK_CHANGES, BOOKS_MADE, RateLimiter
from domain.text import clean_text, on_one_line
from storage.database import Database

DEEPEST_SCAN = 100
LARGEST_BUDGET = 100_000
IN_V3 = {"is_recursive": "recursive_scanning"}
"""Names in V3 of the settings that are called differently there."""


@dataclass(frozen=True)
class BookSettings:
    """The settings of a book as a whole. None, for a number or for `is_recursive`, means the default."""

    name: str = ""
    scan_depth: int | None = None
    token_budget: int | None = None
    is_recursive: bool | None = None
    shows_titles: bool = False


class Books:
    def __init__(self, database: Database, limits: RateLimiter) -> None:
        self._database = database
        self._limits = limits

    async def of_character(self, caller: Caller, character_id: int) -> BookView | None:
        """Its own book, if it has one. Raises `NotFound`, or `NotAllowed` for anybody but its author and admins."""
        async with self._database.read() as db:
            viewer = await authenticate(db, caller)
            character = await get_editable(db, viewer, character_id)
            own = Book.character_id == character.id, col(Book.deleted_at).is_(None)
            book = (await db.exec(select(Book).where(*own))).first()
            found = await view_of(db, book) if book else None
        await record_private_view(self._database, viewer, character)
        return found

    async def view(self, caller: Caller, book_id: int) -> BookView:
        """Raises `NotFound`."""
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            book = await readable_book(db, person, book_id)
            found = await view_of(db, book)
        await record_book_view(self._database, person, book)
        return found

    async def worlds(self, caller: Caller) -> list[BookView]:
        """The caller's own worlds, by name."""
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            own = Book.owner_id == person.id, col(Book.character_id).is_(None), col(Book.deleted_at).is_(None)
            return await views_of(db, list(await db.exec(select(Book).where(*own).order_by(Book.name, col(Book.id)))))

    async def create_for(self, caller: Caller, character_id: int) -> BookView:
        """Create an empty book for the character; if it has one already, return that."""
        await self._limits.take(BOOKS_MADE, caller.user_id)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            character = await get_editable(db, person, character_id)
            made = await view_of(db, await own_book(db, person, character))
        await record_private_view(self._database, person, character)
        return made

    async def create_world(self, caller: Caller, name: str) -> BookView:
        """Raises `InvalidForm` for `name`, `QuotaReached`, `RateLimited`."""
        settings = _checked(BookSettings(name), is_world=True)
        await self._limits.take(BOOKS_MADE, caller.user_id)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            await check_room_for_world(db, person, self._limits)
            book = Book(owner_id=person.id, name=settings.name)
            db.add(book)
            await db.flush()
            return await view_of(db, book)

    async def change(self, caller: Caller, book_id: int, **changes: Any) -> BookView:
        """Change some settings, by their names in `BookSettings`; the others stay. Raises `InvalidForm`."""
        await self._limits.take(BOOK_CHANGES, caller.user_id)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            book = await book_to_change(db, person, book_id)
            kept = {name: getattr(book, name) for name in vars(BookSettings())}
            settings = _checked(BookSettings(**kept | changes), is_world=book.character_id is None)
            rest = json.loads(book.rest)
            for name in changes:
                setattr(book, name, getattr(settings, name))
                rest.pop(IN_V3.get(name, name), None)  # a value from a file that did not fit the column
            book.rest = json.dumps(rest, ensure_ascii=False)
            await record_change(db, person, book)
            return await view_of(db, book)

    async def delete(self, caller: Caller, book_id: int) -> None:
        """Move the book to the bin, from where `restore` brings it back, attached as it was."""
        await self._limits.take(BOOK_CHANGES, caller.user_id)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            book = await book_to_change(db, person, book_id)
            _check_own(person, book)
            book.deleted_at = now()
            await record_change(db, person, book)

    async def restore(self, caller: Caller, book_id: int) -> BookView:
        """Raises `NotFound`, and `NotAllowed` if it is too late."""
        await self._limits.take(BOOK_CHANGES, caller.user_id)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            book = await book_to_change(db, person, book_id, deleted_too=True)
            _check_own(person, book)
            if book.deleted_at is not None:
                if book.deleted_at <= bin_since():
                    raise NotAllowed("A deleted book can be restored for {n} days.", n=KEPT_IN_BIN.days)
                book.deleted_at = None
                await record_change(db, person, book)
            return await view_of(db, book)


def _check_own(person: User, book: Book) -> None:
    if person.id != book.owner_id:
        raise NotAllowed("Only the author can delete a book.")


def _checked(settings: BookSettings, *, is_world: bool) -> BookSettings:
    errors = []
    name = settings.name
    try:
        name = on_one_line(clean_text(settings.name, "name", BOOK_NAME_LIMIT))
    except Invalid as error:
        errors.append(error)
    if is_world and not name and not errors:
        errors.append(Invalid("Give the world a name.", field="name"))
    for field, most in (("scan_depth", DEEPEST_SCAN), ("token_budget", LARGEST_BUDGET)):
        value = getattr(settings, field)
        if value is not None and not 0 <= value <= most:
            errors.append(Invalid("A number from {least} to {most}.", field=field, least=0, most=most))
    if errors:
        raise InvalidForm(errors)
    return BookSettings(name, settings.scan_depth, settings.token_budget, settings.is_recursive, settings.shows_titles)
