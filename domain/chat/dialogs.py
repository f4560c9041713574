"""Dialogs, the list: a user's dialogs and the search in them; rename, pin, delete, export and import."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.accounts.sessions import (
    Caller,
    authenticate,
    authenticate_and_read,
    authenticate_even_blocked,
    authorize_writer,
)
from domain.bin import bin_since
from domain.chat.dialog_line import DialogLine, SearchResult, line_of
from domain.chat.dialog_search import FOUND, OWN_AMONG, dialogs_query, places_in, search_dialogs, search_words
from domain.chat.import_export import DialogImport, character_for, read_tree
from domain.chat.loaded_dialog import finish_loading, refuse_while_loading
from domain.chat.search_concurrency import LONGEST_SEARCH, Searches
from domain.chat.transcript.export import Transcript
from domain.chat.transcript.saved_dialog import SavedDialog
from domain.chat.tree.events import BranchChanged, DialogListChanged
from domain.chat.tree.message_tree import end_of_branch, is_deleted, is_on_path, way_to
from domain.chat.tree.own_dialog import dialog_to_change, own_dialog
from domain.chat.tree.unfinished_imports import LONGEST_LOADING, loading
from domain.clock import now
from domain.errors import Invalid, NotFound
from domain.instances.leases import lease_for
from domain.memory.editing.kept_memory import MemoryTransfer, read_memory
from domain.model.character import Character
from domain.model.dialog import TITLE_LIMIT, Dialog, Message
from domain.model.user import FormOfAddress
from domain.paging import newest_first
from domain.quotas import check_room_for_dialog
from domain.rate_limits import IMPORTS, SEARCHES, RateLimiter
from domain.text import cleaned, is_visible, on_one_line
from storage.bus import Bus
from storage.columns import clamp_id
from storage.database import Database
from storage.time_limit import QueryTimeout, with_timeout

LISTED = 200
CHOICES_AT_ONCE = 500
"""Choices stored per transaction, which holds the write lock for some milliseconds."""


class Dialogs:
    def __init__(self, database: Database, bus: Bus, limits: RateLimiter) -> None:
        self._database = database
        self._bus = bus
        self._limits = limits
        self._searches = Searches()

    async def list_own(self, caller: Caller, search: str = "") -> list[DialogLine]:
        """The user's dialogs: pinned ones first, then the most recent.

        With `search`, those that contain every word of it: in the title, in the character's name, or together with
        these in one message.
        """
        if words := await asyncio.to_thread(search_words, search):
            return (await self.find(caller, words)).lines
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            return [DialogLine(*row) for row in await db.exec(dialogs_query(person.id).limit(LISTED))]

    async def find(self, caller: Caller, words: Sequence[str]) -> SearchResult:
        """Search: the first dialogs of the list that contain every word, as far as they can be found in a second."""
        await self._limits.take(SEARCHES, caller.user_id)
        lines: list[DialogLine] = []
        async with self._searches.begin(caller.user_id) as search, self._database.read() as db:
            person = await authenticate(db, caller)
            with suppress(QueryTimeout):
                async with with_timeout(db, LONGEST_SEARCH):
                    async for hits in search_dialogs(db, person.id, words):
                        lines += (line_of(*hit, words) for hit in hits)
                        if len(lines) >= FOUND:
                            return SearchResult(lines[:FOUND], is_whole=True)
                        if search.is_over:
                            return SearchResult(lines, is_whole=False)
                    return SearchResult(lines, is_whole=True)
        return SearchResult(lines, is_whole=False)

    async def find_in(self, caller: Caller, dialog_id: int, words: Sequence[str]) -> list[int]:
        """The messages of one dialog that contain the words, oldest first; none if that takes longer than a second."""
        await self._limits.take(SEARCHES, caller.user_id)
        async with self._searches.begin(caller.user_id), self._database.read() as db:
            dialog = await own_dialog(db, await authenticate(db, caller), dialog_id)
            with suppress(QueryTimeout):
                async with with_timeout(db, LONGEST_SEARCH):
                    return await places_in(db, dialog, await db.get_one(Character, dialog.character_id), words)
        return []

    async def page(self, caller: Caller, limit: int, before: int | None = None) -> list[Dialog]:
        """The user's dialogs, the newest first; keyset pagination: `before` is the last id of the previous page."""
        async with self._database.read() as db:
            person = await authenticate(db, caller)
            question = select(Dialog).where(Dialog.user_id == person.id, col(Dialog.deleted_at).is_(None))
            return list(await db.exec(newest_first(question, col(Dialog.id), before, limit)))

    async def lines(self, caller: Caller, dialog_ids: Collection[int]) -> list[DialogLine]:
        """Some dialogs as shown in the list, in its order; missing ones are left out."""
        ids = [clamp_id(each) for each in dialog_ids]
        async with self._database.read() as db:
            _person, found = await authenticate_and_read(db, caller, OWN_AMONG, dialogs=ids)
        return [DialogLine(*row) for row in found]

    async def switch_to(self, caller: Caller, dialog_id: int, message_id: int) -> None:
        """Switch to the branch that a message is on: a search result may be on another branch than the current one.

        Nothing changes if it is on the current path.
        """
        async with self._database.read() as db:  # it may take a step for each of a hundred thousand messages
            dialog = await own_dialog(db, await authenticate(db, caller), dialog_id)
            message = await db.get(Message, clamp_id(message_id))
            if message is None or message.dialog_id != dialog.id or await is_deleted(db, message):
                raise NotFound("No such message.")
            way = list((await way_to(db, dialog.leaf_id, message)).items())
            end = await end_of_branch(db, message.id)
        # A stored choice has no effect until the path leads there, so many of them are stored in batches.
        while len(way) > CHOICES_AT_ONCE:
            async with self._database.write() as db:
                await dialog_to_change(db, await authenticate(db, caller), dialog_id)
                await _remember(db, way[-CHOICES_AT_ONCE:])
            del way[-CHOICES_AT_ONCE:]
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await authenticate(db, caller), dialog_id)
            if await is_deleted(db, message):
                raise NotFound("No such message.")
            if await is_on_path(db, dialog.leaf_id, message.id):
                return
            await _remember(db, way)
            dialog.leaf_id = await end_of_branch(db, message.id, end)
        self._bus.publish(BranchChanged(dialog.id, message.id))

    async def rename(self, caller: Caller, dialog_id: int, title: str) -> None:
        """Rename; an empty title restores the character's name. Raises `Invalid` for the field `title`, and `ReadOnly`,
        since the subject of a measure must stay as it is.
        """
        title = clean_title(title)
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await authorize_writer(db, caller), dialog_id)
            dialog.title = title
        self._bus.publish(DialogListChanged(caller.user_id, dialog_id))

    async def pin(self, caller: Caller, dialog_id: int, *, pinned: bool) -> None:
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await authenticate(db, caller), dialog_id)
            dialog.pinned_at = (dialog.pinned_at or now()) if pinned else None
        self._bus.publish(DialogListChanged(caller.user_id, dialog_id))

    async def choose_form_of_address(self, caller: Caller, dialog_id: int, form: str) -> None:
        """Set how the character addresses the person in this dialog, from the next reply on; "": as in the profile."""
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await authenticate(db, caller), dialog_id)
            if form not in set(FormOfAddress):
                raise Invalid("Please pick one from the list.", field="form_of_address")
            dialog.form_of_address = FormOfAddress(form)

    async def delete(self, caller: Caller, dialog_id: int) -> None:
        """Move to the bin (soft delete): it can no longer be found, except by `restore`. Raises `ReadOnly`."""
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await authorize_writer(db, caller), dialog_id)
            dialog.deleted_at = now()
        self._bus.publish(DialogListChanged(caller.user_id, dialog_id))

    async def restore(self, caller: Caller, dialog_id: int) -> None:
        async with self._database.write() as db:
            dialog = await dialog_to_change(db, await authenticate(db, caller), dialog_id, deleted_too=True)
            if dialog.deleted_at and dialog.deleted_at <= bin_since():
                raise NotFound("No such chat.")
            dialog.deleted_at = None
        self._bus.publish(DialogListChanged(caller.user_id, dialog_id))

    async def exportable(self, caller: Caller) -> list[DialogLine]:
        """For data export: all dialogs of the user, the most recent first; allowed for blocked users too."""
        async with self._database.read() as db:
            person = await authenticate_even_blocked(db, caller)
            return [DialogLine(*row) for row in await db.exec(dialogs_query(person.id))]

    async def transcript(self, caller: Caller, dialog_id: int) -> Transcript:
        """Export: the whole dialog with every branch, to be written to a file (domain/chat/transcript); for
        blocked users too.
        """
        async with self._database.read() as db:
            person = await authenticate_even_blocked(db, caller)
            dialog = await own_dialog(db, person, dialog_id)
            character = await db.get_one(Character, dialog.character_id)
            memory = await read_memory(db, dialog_id, is_off=dialog.memory_off)
            return Transcript(dialog, character, person.display_name, await read_tree(db, dialog_id), memory)

    async def import_dialog(self, caller: Caller, saved: SavedDialog) -> int:
        """Import: create a dialog from a file, with the character named there or another of that name; returns its id.

        Runs in many short transactions, between which others can write. The dialog is visible only after the last one;
        an interrupted import is removed by domain/chat/tree/unfinished_imports.py.
        """
        await self._limits.take(IMPORTS, caller.user_id)
        async with self._database.write() as db:
            person = await authorize_writer(db, caller)
            await check_room_for_dialog(db, person, self._limits, len(saved.messages))
            await refuse_while_loading(db, person)
            character = await character_for(db, person, saved)
            dialog = Dialog(
                user_id=person.id,
                character_id=character.id,
                title=clean_title(saved.title),
                started_at=saved.started_at,
                is_loaded=True,
                deleted_at=now(),
                loading_until=lease_for(LONGEST_LOADING),
            )
            db.add(dialog)
        async with loading(self._database, dialog.id):
            planting = DialogImport(dialog.id, saved)
            for chunk in planting.chunks():
                async with self._database.write() as db:
                    await authorize_writer(db, caller)
                    await planting.store(db, chunk)
            memory = MemoryTransfer(dialog.id, saved.memory, planting.new_ids)
            await finish_loading(self._database, caller, dialog.id, memory, planting.leaf_id)
        self._bus.publish(DialogListChanged(caller.user_id, dialog.id))
        return dialog.id


async def _remember(db: AsyncSession, choices: Sequence[tuple[int, int]]) -> None:
    """Store the choices: in each pair, the second message is the one to follow the first."""
    if choices:
        await db.exec(update(Message), params=[{"id": above, "next_id": below} for above, below in choices])


def clean_title(typed: str) -> str:
    title = cleaned(typed, TITLE_LIMIT, on_one_line)
    if len(title) > TITLE_LIMIT:
        raise Invalid("A name can be at most {limit} characters long.", field="title", limit=TITLE_LIMIT)
    if not is_visible(title):
        raise Invalid("A name must have visible characters only.", field="title")
    return title
