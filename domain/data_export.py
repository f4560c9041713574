"""Data export: everything that a person has here, as one ZIP archive that is written while it is being sent.

profile.json, photo.webp, characters/<id> <name>.json, .webp, .charx and .versions.json, books/<id> <name>.json,
chats/<id> <title>.json and .md
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from sqlmodel import col, select

from domain.accounts.sessions import Caller, authenticate_even_blocked
from domain.books.book_file import as_lorebook, book_of_person, ids_of_books
from domain.cards.card_export import CardExport
from domain.characters.fields import EDITABLE
from domain.characters.version_rows import as_json_list, versions_of
from domain.chat.dialogs import Dialogs
from domain.chat.transcript.export import as_json, as_markdown
from domain.errors import Busy, NotFound
from domain.language import Texts
from domain.model.book import Book, BookEntry
from domain.model.character import Character
from domain.model.character_version import CharacterVersion
from domain.model.dialog import Dialog
from domain.model.user import User
from domain.pictures.photos import Photos
from domain.rate_limits import DATA_EXPORTS, RateLimiter
from domain.zip_stream import ZipStream, file_name
from storage.database import Database
from storage.fair_queue import FairQueue, QueueFull

AT_ONCE, EACH = 2, 1
"""Maximum archive entries written at the same time, in all and per person."""
MOST_WAITING = 100
BATCH = 50
"""Number of characters read at once."""
IN_PROFILE = (
    *("username", "email", "display_name", "about", "gender", "form_of_address", "birth_year", "interests"),
    *("shows_adult", "shows_backgrounds", "language", "theme", "text_size", "zone", "created_at"),
)


@dataclass(frozen=True)
class Belongings:
    """Contents of an export, as of its beginning. Whatever is deleted before its turn is left out."""

    person: User
    character_ids: Sequence[int]
    dialog_ids: Sequence[int]
    book_ids: Sequence[int]


class DataExport:
    """One archive at a time for each person. It is never whole in memory, nor on the disk: at most a chat."""

    def __init__(
        self, database: Database, dialogs: Dialogs, photos: Photos, cards: CardExport, limits: RateLimiter
    ) -> None:
        self._database = database
        self._dialogs = dialogs
        self._photos = photos
        self._cards = cards
        self._limits = limits
        self._places = FairQueue(AT_ONCE, each=EACH, longest=MOST_WAITING, longest_of_one=1)
        self._running: set[int] = set()

    async def begin(self, caller: Caller, zone: tzinfo, _: Texts) -> AsyncIterator[bytes]:
        """The archive in pieces; for blocked people too. Raises `Busy` while another is being sent to this person, and
        `RateLimited`.
        """
        async with self._database.read() as db:
            person = await authenticate_even_blocked(db, caller)
            of_theirs = Character.owner_id == person.id, col(Character.deleted_at).is_(None)
            characters = list(await db.exec(select(Character.id).where(*of_theirs).order_by(col(Character.id))))
            own = Dialog.user_id == person.id, col(Dialog.deleted_at).is_(None)
            dialogs = list(await db.exec(select(Dialog.id).where(*own).order_by(col(Dialog.id))))
            books = await ids_of_books(db, person)
        pieces = self._pieces(caller, Belongings(person, characters, dialogs, books), zone, _)
        try:
            return _resumed(await anext(pieces), pieces)
        except QueueFull as error:
            raise Busy("Too many people are downloading their data just now. Please try again in a minute.") from error

    async def _pieces(self, caller: Caller, theirs: Belongings, zone: tzinfo, _: Texts) -> AsyncGenerator[bytes]:
        person_id = theirs.person.id
        if person_id in self._running:
            raise Busy("Your data is already being downloaded. Wait until that is done.")
        self._running.add(person_id)
        try:
            await self._limits.take(DATA_EXPORTS, person_id)
            archive = ZipStream()
            async for _written in self._written(archive, caller, theirs, zone, _):
                for piece in archive.taken():
                    yield piece
        finally:
            self._running.discard(person_id)

    async def _written(
        self, archive: ZipStream, caller: Caller, theirs: Belongings, zone: tzinfo, _: Texts
    ) -> AsyncIterator[None]:
        """One entry after the other; each is fetched before the next is written."""

        async def make(entry: Callable[..., None], *of: Any) -> None:
            async with self._places.slot(theirs.person.id):  # not while sending: a stalled client blocks nobody
                await asyncio.to_thread(entry, *of)

        profile = _json({name: getattr(theirs.person, name) for name in IN_PROFILE})
        await make(archive.write, "profile.json", [profile])
        yield
        await make(archive.copy, "photo.webp", await self._photos.file_if_there(theirs.person.picture_token))
        yield
        for start in range(0, len(theirs.character_ids), BATCH):
            for character in await self._characters(caller, theirs.character_ids[start : start + BATCH]):
                name = f"characters/{character.id} {file_name(character.name)}"
                told = _json({field: getattr(character, field) for field in (*EDITABLE, "created_at")})
                await make(archive.write, f"{name}.json", [told])
                yield
                await make(archive.copy, f"{name}.webp", await self._photos.file_if_there(character.picture_token))
                yield
                card = await self._cards.card_of_own(theirs.person.id, character.id)
                await make(archive.copy, f"{name}.charx", card)
                yield
                if versions := await self._versions(character):
                    await make(archive.write, f"{name}.versions.json", as_json_list(versions))
                    yield
        for book_id in theirs.book_ids:
            if found := await self._book(caller, book_id):
                await make(archive.write, f"books/{book_id} {file_name(found[0].name)}.json", as_lorebook(*found))
                yield
        for dialog_id in theirs.dialog_ids:
            try:
                transcript = await self._dialogs.transcript(caller, dialog_id)
            except NotFound:  # deleted meanwhile
                continue
            name = f"chats/{dialog_id} {file_name(transcript.title)}"
            await make(archive.write, f"{name}.json", as_json(transcript))
            yield
            await make(archive.write, f"{name}.md", as_markdown(transcript, zone, _))
            yield
        await make(archive.close)
        yield

    async def _characters(self, caller: Caller, ids: Sequence[int]) -> list[Character]:
        async with self._database.read() as db:
            person = await authenticate_even_blocked(db, caller)
            these = col(Character.id).in_(ids), Character.owner_id == person.id, col(Character.deleted_at).is_(None)
            return list(await db.exec(select(Character).where(*these).order_by(col(Character.id))))

    async def _book(self, caller: Caller, book_id: int) -> tuple[Book, list[BookEntry]] | None:
        async with self._database.read() as db:
            return await book_of_person(db, await authenticate_even_blocked(db, caller), book_id)

    async def _versions(self, character: Character) -> Sequence[CharacterVersion]:
        async with self._database.read() as db:
            return await versions_of(db, character.id)


async def _resumed(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The pieces of a generator whose first one was taken, closing it even if nobody reads on, so that it cleans up."""
    async with aclosing(rest):
        yield first
        async for piece in rest:
            yield piece


def _json(fields: dict[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False, indent=1, default=str)
