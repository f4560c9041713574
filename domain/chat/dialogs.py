"""A person's dialogs: the list of them and the search in it; to name, to pin, to throw away, to take along."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.names import is_visible
from domain.accounts.sessions import Caller, require, require_even_blocked, require_writer
from domain.accounts.user import User
from domain.characters.character import Character
from domain.chat.dialog import TITLE_LIMIT, Dialog, Message
from domain.chat.export import SavedDialog, Transcript
from domain.chat.facts import DialogChanged, PathChanged
from domain.chat.finding import FOUND, found_in, listed, snippet_of, words_of
from domain.chat.loading import LONGEST_LOADING
from domain.chat.path import end_of_branch, is_on_path, is_put_away, way_to
from domain.chat.searches import LONGEST_SEARCH, Searches
from domain.chat.transfer import Planting, character_for, read_tree
from domain.clock import now
from domain.errors import Busy, Invalid, NotFound
from domain.limits import IMPORTS, SEARCHES, Limits
from domain.quotas import check_room_for_dialog
from domain.signs import cleaned, on_one_line
from storage.bus import Bus
from storage.columns import known_id
from storage.database import CHANGING, Database
from storage.time_limit import TookTooLong, within

LISTED = 200
CHOICES_AT_ONCE = 500
"""Remembered in one transaction, some milliseconds of the writer."""


@dataclass(frozen=True)
class DialogLine:
    """A dialog as it stands in the list, or among what a search found."""

    dialog: Dialog
    character: Character
    last: Message | None
    found_message_id: int | None = None
    """The newest message that holds the words searched for; None when the title or the name does."""
    snippet: str = ""
    """The words searched for in that message, with a little around them."""

    @property
    def name(self) -> str:
        return self.dialog.title or self.character.name


@dataclass(frozen=True)
class Found:
    """What a search found; not whole when it was given up before all dialogs had been gone through."""

    lines: list[DialogLine]
    is_whole: bool


class Dialogs:
    def __init__(self, database: Database, bus: Bus, limits: Limits) -> None:
        self._database = database
        self._bus = bus
        self._limits = limits
        self._searches = Searches()

    async def mine(self, caller: Caller, search: str = "") -> list[DialogLine]:
        """The person's dialogs, pinned ones first, then the one last spoken in first.

        With `search`, those that hold every word of it: in the title, in the character's name, or together with these
        in one message.
        """
        if words := words_of(search):
            return (await self.find(caller, words)).lines
        async with self._database.read() as db:
            person = await require(db, caller)
            return [DialogLine(*row) for row in await db.exec(listed(person.id).limit(LISTED))]

    async def find(self, caller: Caller, words: Sequence[str]) -> Found:
        """The first dialogs of the list that hold every word, as far as they can be found in a second."""
        await self._limits.take(SEARCHES, caller.user_id)
        lines: list[DialogLine] = []
        async with self._searches.begin(caller.user_id) as search, self._database.read() as db:
            person = await require(db, caller)
            with suppress(TookTooLong):
                async with within(db, LONGEST_SEARCH):
                    async for hits in found_in(db, person.id, words):
                        lines += (_line_of(*hit, words) for hit in hits)
                        if len(lines) >= FOUND:
                            return Found(lines[:FOUND], is_whole=True)
                        if search.is_over:
                            return Found(lines, is_whole=False)
                    return Found(lines, is_whole=True)
        return Found(lines, is_whole=False)

    async def page(self, caller: Caller, limit: int, before: int | None = None) -> list[Dialog]:
        """The person's dialogs, the one begun last first; `before` is the last id of the page above."""
        async with self._database.read() as db:
            person = await require(db, caller)
            question = select(Dialog).where(Dialog.user_id == person.id, col(Dialog.deleted_at).is_(None))
            if before is not None:
                question = question.where(col(Dialog.id) < before)
            return list(await db.exec(question.order_by(col(Dialog.id).desc()).limit(limit)))

    async def lines(self, caller: Caller, dialog_ids: Collection[int]) -> list[DialogLine]:
        """Some dialogs as the list has them, in its order; those that are gone are left out."""
        ids = [known_id(each) for each in dialog_ids]
        async with self._database.read() as db:
            person = await require(db, caller)
            return [DialogLine(*row) for row in await db.exec(listed(person.id).where(col(Dialog.id).in_(ids)))]

    async def turn_to(self, caller: Caller, dialog_id: int, message_id: int) -> None:
        """Have the branch read that a message is on: what a search found may stand on another than the one being read.

        Nothing changes when it is on the path anyway.
        """
        async with self._database.read() as db:  # it may take a step for each of a hundred thousand messages
            dialog = await own_dialog(db, await require(db, caller), dialog_id)
            message = await db.get(Message, known_id(message_id))
            if message is None or message.dialog_id != dialog.id or await is_put_away(db, message):
                raise NotFound("There is no such message.")
            way = list((await way_to(db, dialog.leaf_id, message)).items())
            end = await end_of_branch(db, message.id)
        # A choice that is remembered changes nothing until the path leads there, so many of them are kept in parts.
        while len(way) > CHOICES_AT_ONCE:
            async with self._database.write() as db:
                await dialog_to_change(db, await require(db, caller), dialog_id)
                await _remember(db, way[-CHOICES_AT_ONCE:])
            del way[-CHOICES_AT_ONCE:]
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await require(db, caller), dialog_id)
            if await is_put_away(db, message):
                raise NotFound("There is no such message.")
            if await is_on_path(db, dialog.leaf_id, message.id):
                return
            await _remember(db, way)
            dialog.leaf_id = await end_of_branch(db, message.id, end)
        self._bus.tell(PathChanged(dialog.id, message.id))

    async def rename(self, caller: Caller, dialog_id: int, title: str) -> None:
        """An empty title gives it the character's name back; raises `Invalid` for the field `title`."""
        title = clean_title(title)
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await require(db, caller), dialog_id)
            dialog.title = title
        self._bus.tell(DialogChanged(caller.user_id, dialog_id))

    async def pin(self, caller: Caller, dialog_id: int, *, pinned: bool) -> None:
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await require(db, caller), dialog_id)
            dialog.pinned_at = (dialog.pinned_at or now()) if pinned else None
        self._bus.tell(DialogChanged(caller.user_id, dialog_id))

    async def delete(self, caller: Caller, dialog_id: int) -> None:
        """To the bin: it is nowhere to be found any more, except by `undelete`."""
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await require(db, caller), dialog_id)
            dialog.deleted_at = now()
        self._bus.tell(DialogChanged(caller.user_id, dialog_id))

    async def undelete(self, caller: Caller, dialog_id: int) -> None:
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await require(db, caller), dialog_id, deleted_too=True)
            dialog.deleted_at = None
        self._bus.tell(DialogChanged(caller.user_id, dialog_id))

    async def to_take_along(self, caller: Caller) -> list[DialogLine]:
        """All dialogs of the person, the last spoken in first, for blocked people, too: each may be taken along."""
        async with self._database.read() as db:
            person = await require_even_blocked(db, caller)
            return [DialogLine(*row) for row in await db.exec(listed(person.id))]

    async def transcript(self, caller: Caller, dialog_id: int) -> Transcript:
        """The whole dialog, every branch, to be written to a file (domain/chat/export.py); for blocked people, too."""
        async with self._database.read() as db:
            person = await require_even_blocked(db, caller)
            dialog = await own_dialog(db, person, dialog_id)
            character = await db.get_one(Character, dialog.character_id)
            return Transcript(dialog, character, person.display_name, await read_tree(db, dialog_id))

    async def take_in(self, caller: Caller, saved: SavedDialog) -> int:
        """A new dialog from a file, with the character named there or another of that name; returns its id.

        In many short transactions, between which others write. Nobody sees the dialog before the last of them; what
        broke off on the way is taken away by domain/chat/loading.py.
        """
        await self._limits.take(IMPORTS, caller.user_id)
        async with self._database.write() as db:
            person = await require_writer(db, caller)
            await check_room_for_dialog(db, person, self._limits, len(saved.messages))
            await _refuse_while_loading(db, person)
            character = await character_for(db, person, saved)
            dialog = Dialog(
                user_id=person.id,
                character_id=character.id,
                title=clean_title(saved.title),
                started_at=saved.started_at,
                is_loaded=True,
                deleted_at=now(),
                loading_until=now() + LONGEST_LOADING,
            )
            db.add(dialog)
        planting = Planting(dialog.id, saved)
        for chunk in planting.chunks():
            async with self._database.write() as db:
                await require_writer(db, caller)
                await planting.keep(db, chunk)
        async with self._database.write() as db:
            await require_writer(db, caller)
            loaded = await db.get_one(Dialog, dialog.id, with_for_update=CHANGING)
            loaded.leaf_id, loaded.deleted_at, loaded.loading_until = planting.leaf_id, None, None
        self._bus.tell(DialogChanged(caller.user_id, dialog.id))
        return dialog.id


def _line_of(
    dialog: Dialog, character: Character, last: Message | None, hit: Message | None, words: Sequence[str]
) -> DialogLine:
    if hit is None:
        return DialogLine(dialog, character, last)
    return DialogLine(dialog, character, last, hit.id, snippet_of(hit.text, words))


async def _refuse_while_loading(db: AsyncSession, person: User) -> None:
    """One file at a time, since the messages that another has yet to bring are in no count of what there is."""
    loading = select(Dialog.id).where(Dialog.user_id == person.id, col(Dialog.loading_until) > now())
    if (await db.exec(loading.limit(1))).first() is not None:
        raise Busy("One moment: another conversation of yours is still being loaded.")


async def own_dialog(db: AsyncSession, person: User, dialog_id: int) -> Dialog:
    """The dialog, if it is this person's and not in the bin; raises `NotFound`."""
    return _checked(await db.get(Dialog, known_id(dialog_id)), person)


async def dialog_to_change(db: AsyncSession, person: User, dialog_id: int, *, deleted_too: bool = False) -> Dialog:
    """The same with its row locked: deeds in one dialog follow one another (on SQLite all deeds do)."""
    dialog = await db.get(Dialog, known_id(dialog_id), with_for_update=CHANGING)
    return _checked(dialog, person, deleted_too=deleted_too)


async def _remember(db: AsyncSession, choices: Sequence[tuple[int, int]]) -> None:
    """Of each pair the first message is to go on with the second."""
    if choices:
        await db.exec(update(Message), params=[{"id": above, "next_id": below} for above, below in choices])


def _checked(dialog: Dialog | None, person: User, *, deleted_too: bool = False) -> Dialog:
    if dialog is None or dialog.user_id != person.id or (dialog.deleted_at and not deleted_too) or dialog.loading_until:
        raise NotFound("There is no such conversation.")
    return dialog


def clean_title(typed: str) -> str:
    title = cleaned(typed, TITLE_LIMIT, on_one_line)
    if len(title) > TITLE_LIMIT:
        raise Invalid("A name can be at most {limit} characters long.", field="title", limit=TITLE_LIMIT)
    if not is_visible(title):
        raise Invalid("A name must consist of visible characters.", field="title")
    return title
