"""Next memory, a background job: after a reply or a change of a dialog's memory, it reads the memory for the next
prompt in advance, so that the next reply does not wait for that.

It does so only for dialogs whose last prompts' memory this process has cached; for others, the next reply reads it.
"""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError

from domain.chat.prompts.first_verbatim import FirstVerbatim
from domain.chat.prompts.prompt_reader import PromptReader
from domain.chat.tree.events import ReplyEnded
from domain.memory.events import MemoryChanged
from domain.model.dialog import Dialog
from domain.model.user import User
from storage.bus import Bus
from storage.database import Database, DatabaseUnavailable

log = logging.getLogger(__name__)


class NextMemory:
    def __init__(self, database: Database, bus: Bus, prompts: PromptReader) -> None:
        self._database = database
        self._bus = bus
        self._prompts = prompts
        self._verbatim = FirstVerbatim(prompts)
        self._wanted: dict[int, None] = {}
        self._is_wanted = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._bus.subscribe_to_all(MemoryChanged, self._want, own_only=True)
        self._bus.subscribe_to_all(ReplyEnded, self._want, own_only=True)
        self._work = asyncio.create_task(self._read_what_is_wanted(), name="what the next prompts remember")

    async def close(self) -> None:
        if self._work:
            self._work.cancel()
            await asyncio.wait({self._work})

    def _want(self, fact: MemoryChanged | ReplyEnded) -> None:
        if self._prompts.remembers(fact.about):
            self._wanted[fact.about] = None
            self._is_wanted.set()

    async def _read_what_is_wanted(self) -> None:
        while True:
            await self._is_wanted.wait()
            self._is_wanted.clear()
            while self._wanted:
                dialog_id = next(iter(self._wanted))
                del self._wanted[dialog_id]
                try:
                    await self._read(dialog_id)
                except (DatabaseUnavailable, SQLAlchemyError) as error:  # the next prompt reads it
                    log.info("What is remembered of dialog %s was not read: %s", dialog_id, error)

    async def _read(self, dialog_id: int) -> None:
        async with self._database.read() as db:
            dialog = await db.get(Dialog, dialog_id)
            if dialog and not dialog.memory_off:
                await self._verbatim.of(db, await db.get_one(User, dialog.user_id), dialog)
