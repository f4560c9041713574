"""Importing lorebooks from files: as a world, or into a character's book."""

from __future__ import annotations

from sqlmodel import func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authorize_writer
from domain.books.access import book_to_change, readable_book, record_change
from domain.books.book_rows import BookRows, add_book, add_entries, renamed
from domain.books.entry_rows import Change, check_room, erase_oldest_deleted
from domain.books.own_book import own_book
from domain.cards.card_import import check_size
from domain.cards.faults import UnreadableCard, refusal_of_book
from domain.cards.reading import BookFile, read_book_file
from domain.cards.workers import Workers
from domain.characters.visibility import get_editable
from domain.clock import now
from domain.idempotency import check_client_id, made_with, store_key
from domain.language import Texts
from domain.model.book import Book, BookEntry
from domain.model.user import User
from domain.quotas import check_room_for_card, check_room_for_world
from domain.rate_limits import BOOKS_MADE, CARD_PREVIEWS, RateLimiter
from storage.database import LOCK_FOR_UPDATE, Database

SETTINGS = ("name", "scan_depth", "token_budget", "is_recursive", "rest")


class BookImport:
    def __init__(self, database: Database, limits: RateLimiter, workers: Workers) -> None:
        self._database = database
        self._limits = limits
        self._workers = workers

    async def preview(self, caller: Caller, data: bytes, file_name: str = "") -> BookFile:
        """Read a lorebook, or the lorebook of a card, without storing anything. Raises `Invalid` for `file`,
        `RateLimited`, `Busy`.
        """
        async with self._database.read() as db:
            await authorize_writer(db, caller)
        await self._limits.take(CARD_PREVIEWS, caller.user_id)
        return await self._read(caller, data, file_name)

    async def keep_as_world(
        self, caller: Caller, data: bytes, file_name: str = "", *, client_id: str = ""
    ) -> tuple[Book, BookFile]:
        """Create a world of the caller's from the file. It takes its name from the lorebook, else from the file name.
        Idempotent: a repeated request with the same `client_id` returns the same world (domain/idempotency.py). Raises
        `Invalid` for `file`, `QuotaReached`, `RateLimited`, `Busy`.
        """
        check_client_id(client_id)
        async with self._database.read() as db:
            await authorize_writer(db, caller)
        await self._limits.take(BOOKS_MADE, caller.user_id)
        found = await self._read(caller, data, file_name)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller, lock=LOCK_FOR_UPDATE)
            before = await made_with(db, Book, person.id, client_id)
            if before and before.deleted_at is None:
                return before, found
            await check_room_for_world(db, person, self._limits)
            await check_room_for_card(db, person, self._limits, found.book.size)
            named = found.book if found.book.name else renamed(found.book, Texts(person.language)("Imported world"))
            world = await add_book(db, named, owner_id=person.id, character_id=None)
            await store_key(db, world, world.id, person.id, client_id)
            return world, found

    async def keep_in_character(
        self,
        caller: Caller,
        character_id: int,
        data: bytes,
        file_name: str = "",
        *,
        replaces: bool = False,
        client_id: str = "",
    ) -> tuple[Book, BookFile]:
        """Append the file's entries to the character's own book. With `replaces`, they replace the old entries, which
        go to the bin. For users who may change the character. Idempotent: a repeated request with the same `client_id`
        changes nothing. Raises `NotFound`, `NotAllowed`, `Invalid` for too many entries, and as above.
        """
        check_client_id(client_id)
        async with self._database.read() as db:
            await get_editable(db, await authorize_writer(db, caller), character_id)
        await self._limits.take(BOOKS_MADE, caller.user_id)
        found = await self._read(caller, data, file_name)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller, lock=LOCK_FOR_UPDATE)
            character = await get_editable(db, person, character_id)
            before = await made_with(db, Book, person.id, client_id)
            if before and before.character_id == character.id and before.deleted_at is None:
                return before, found
            await self._check_room(db, person, character.owner_id, found)
            book = await own_book(db, person, character)
            await _put_into(Change(db, book), found.book, replaces=replaces or not book.entries)
            await record_change(db, person, book)
            await store_key(db, book, book.id, person.id, client_id)
            return book, found

    async def keep_in_book(
        self, caller: Caller, book_id: int, data: bytes, file_name: str = "", *, client_id: str = ""
    ) -> tuple[Book, BookFile]:
        """Append the file's entries to an existing book, for example a world; the book's settings stay. For users who
        may change the book. Idempotent by `client_id`, too. Raises `NotFound`, `Invalid` for too many entries, and as
        above.
        """
        check_client_id(client_id)
        await self._limits.take(BOOKS_MADE, caller.user_id)
        async with self._database.read() as db:
            await readable_book(db, await authorize_writer(db, caller), book_id)
        found = await self._read(caller, data, file_name)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller, lock=LOCK_FOR_UPDATE)
            owner_id = (await readable_book(db, person, book_id)).owner_id
            before = await made_with(db, Book, person.id, client_id)
            if before and before.id == book_id:
                return before, found
            await self._check_room(db, person, owner_id, found)
            book = await book_to_change(db, person, book_id)
            await _put_into(Change(db, book), found.book, replaces=False)
            await record_change(db, person, book)
            await store_key(db, book, book.id, person.id, client_id)
            return book, found

    async def _check_room(self, db: AsyncSession, person: User, owner_id: int, found: BookFile) -> None:
        """Check the quota of the book's owner, whoever adds the entries."""
        owner = person if person.id == owner_id else await db.get_one(User, owner_id)
        await check_room_for_card(db, owner, self._limits, found.book.size)

    async def _read(self, caller: Caller, data: bytes, file_name: str) -> BookFile:
        try:
            check_size(data)
            async with self._workers.one(caller.user_id) as worker:
                return await read_book_file(worker, data, file_name)
        except UnreadableCard as error:
            raise refusal_of_book(error) from error


async def _put_into(change: Change, found: BookRows, *, replaces: bool) -> None:
    db, book = change.db, change.book
    if replaces:
        await db.exec(update(BookEntry).where(*change.alive()).values(deleted_at=now()))
        await erase_oldest_deleted(change)
        for name in SETTINGS:
            setattr(book, name, getattr(found, name))
        book.entries = book.size = 0
    await check_room(change, found.amount)
    book.size += found.size
    await add_entries(db, book.id, found.entries, after=await _next_position(db, book))
    await change.count()


async def _next_position(db: AsyncSession, book: Book) -> int:
    """The position after the last of its entries, deleted ones included."""
    last = (await db.exec(select(func.max(BookEntry.position)).where(BookEntry.book_id == book.id))).one()
    return 0 if last is None else last + 1
