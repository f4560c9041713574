"""Next memory, a background job: after a reply or a change of a dialog's memory, it reads the memory for the next
prompt in advance, so that the next reply does not wait for that.

It does so only for dialogs whose last prompts' memory this process has cached; for others, the next reply reads it.
"""

from __future__ import annotations

from domain.background.work_queue import Worker, WorkQueue
from domain.chat.prompts.first_verbatim import FirstVerbatim
from domain.chat.prompts.prompt_reader import PromptReader
from domain.chat.tree.events import ReplyEnded
from domain.memory.events import MemoryChanged
from domain.model.dialog import Dialog
from domain.model.user import User
from storage.bus import Bus
from storage.database import Database


class NextMemory:
    def __init__(self, database: Database, bus: Bus, prompts: PromptReader) -> None:
        self._database = database
        self._bus = bus
        self._prompts = prompts
        self._verbatim = FirstVerbatim(prompts)
        self._wanted = WorkQueue[int]()
        self._worker = Worker(self._wanted.get, self._read, fault="What a dialog remembers was not read ahead")

    async def start(self) -> None:
        self._bus.subscribe_to_all(MemoryChanged, self._want, own_only=True)
        self._bus.subscribe_to_all(ReplyEnded, self._want, own_only=True)
        self._worker.start()

    async def close(self) -> None:
        await self._worker.close()

    def _want(self, fact: MemoryChanged | ReplyEnded) -> None:
        if self._prompts.remembers(fact.about):
            self._wanted.put_nowait(fact.about)

    async def _read(self, dialog_id: int) -> None:
        async with self._database.read() as db:
            dialog = await db.get(Dialog, dialog_id)
            if dialog and not dialog.memory_off:
                await self._verbatim.of(db, await db.get_one(User, dialog.user_id), dialog)
