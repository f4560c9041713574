"""Worlds in use: attached to a character, and so known in all its dialogs, or to a single dialog."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Mapped
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import Caller, authenticate, authorize_writer
from domain.books.access import no_such_book
from domain.books.book_view import BookView, views_of
from domain.characters.characters import record_private_view
from domain.characters.visibility import get_editable
from domain.errors import Invalid, NotAllowed, NotFound
from domain.model.book import Book, CharacterWorld, DialogWorld
from domain.model.character import Character
from domain.model.dialog import Dialog
from domain.model.user import User
from domain.rate_limits import BOOK_CHANGES, RateLimiter
from storage.columns import clamp_id
from storage.database import Database
from storage.upsert import insert_into

MOST_ATTACHED = 20
"""Maximum worlds attached to one character, or to one dialog."""


class Worlds:
    def __init__(self, database: Database, limits: RateLimiter) -> None:
        self._database = database
        self._limits = limits

    async def of_character(self, caller: Caller, character_id: int) -> list[BookView]:
        """The worlds attached to it, for its author and admins."""
        async with self._database.read() as db:
            viewer = await authenticate(db, caller)
            character = await get_editable(db, viewer, character_id)
            found = await views_of(db, await worlds_of_character(db, character.id))
        await record_private_view(self._database, viewer, character)
        return found

    async def of_dialog(self, caller: Caller, dialog_id: int) -> list[BookView]:
        """The worlds that the caller attached to a dialog of theirs."""
        async with self._database.read() as db:
            dialog = await _own_dialog(db, await authenticate(db, caller), dialog_id)
            return await views_of(db, await worlds_of_dialog(db, dialog.id))

    async def attach(self, caller: Caller, world_id: int, character_id: int) -> None:
        """Attach a world to a character of the caller's; a second time changes nothing. Raises `NotFound`,
        `NotAllowed`, and `Invalid` if there are too many.
        """
        await self._attach(caller, world_id, _CHARACTERS, character_id)

    async def detach(self, caller: Caller, world_id: int, character_id: int) -> None:
        await self._detach(caller, world_id, _CHARACTERS, character_id)

    async def attach_to_dialog(self, caller: Caller, world_id: int, dialog_id: int) -> None:
        """As `attach`, for one dialog."""
        await self._attach(caller, world_id, _DIALOGS, dialog_id)

    async def detach_from_dialog(self, caller: Caller, world_id: int, dialog_id: int) -> None:
        await self._detach(caller, world_id, _DIALOGS, dialog_id)

    async def _attach(self, caller: Caller, world_id: int, attachments: _Attachments, holder_id: int) -> None:
        await self._limits.take(BOOK_CHANGES, caller.user_id)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            world = await _own_world(db, person, world_id)
            holder = await attachments.own_holder(db, person, holder_id)
            _check_attached(world, await _attached(db, attachments, holder.id))
            row = insert_into(attachments.table, self._database.dialect)
            both = {attachments.holder_id: holder.id, attachments.book_id: world.id}
            await db.exec(row.values(both).on_conflict_do_nothing())

    async def _detach(self, caller: Caller, world_id: int, attachments: _Attachments, holder_id: int) -> None:
        await self._limits.take(BOOK_CHANGES, caller.user_id)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            holder = await attachments.own_holder(db, person, holder_id)
            both = attachments.holder_id == holder.id, attachments.book_id == clamp_id(world_id)
            await db.exec(delete(attachments.table).where(*both))


async def worlds_of_character(db: AsyncSession, character_id: int) -> list[Book]:
    return await _attached(db, _CHARACTERS, character_id)


async def worlds_of_dialog(db: AsyncSession, dialog_id: int) -> list[Book]:
    return await _attached(db, _DIALOGS, dialog_id)


async def _attached(db: AsyncSession, attachments: _Attachments, holder_id: int) -> list[Book]:
    worlds = select(Book).join(attachments.table, attachments.book_id == Book.id)
    of_it = attachments.holder_id == holder_id, col(Book.deleted_at).is_(None)
    return list(await db.exec(worlds.where(*of_it).order_by(Book.name, col(Book.id))))


async def _own_world(db: AsyncSession, person: User, world_id: int) -> Book:
    world = await db.get(Book, clamp_id(world_id))
    if world is None or world.character_id is not None or world.deleted_at is not None:
        raise no_such_book()
    if world.owner_id != person.id:
        raise no_such_book()
    return world


async def _own_character(db: AsyncSession, person: User, character_id: int) -> Character:
    character = await get_editable(db, person, character_id)
    if character.owner_id != person.id:
        raise NotAllowed("Only the author can attach a world to a character.")
    return character


async def _own_dialog(db: AsyncSession, person: User, dialog_id: int) -> Dialog:
    dialog = await db.get(Dialog, clamp_id(dialog_id))
    if dialog is None or dialog.user_id != person.id or dialog.deleted_at is not None:
        raise NotFound("This chat doesn't exist.")
    return dialog


def _check_attached(world: Book, there: Sequence[Book]) -> None:
    """Raise `Invalid` if the world is one too many beside those that are attached already."""
    if len(there) >= MOST_ATTACHED and world.id not in {each.id for each in there}:
        raise Invalid("At most {limit} worlds at the same time.", limit=MOST_ATTACHED)


@dataclass(frozen=True)
class _Attachments:
    """A table of attachments, its columns, and the lookup of the caller's own character or dialog that holds them."""

    table: type[CharacterWorld | DialogWorld]
    holder_id: Mapped[int]
    book_id: Mapped[int]
    own_holder: Callable[[AsyncSession, User, int], Awaitable[Character | Dialog]]


_CHARACTERS = _Attachments(
    CharacterWorld, col(CharacterWorld.character_id), col(CharacterWorld.book_id), _own_character
)
_DIALOGS = _Attachments(DialogWorld, col(DialogWorld.dialog_id), col(DialogWorld.book_id), _own_dialog)
