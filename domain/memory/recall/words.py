"""Word index of dialogs, in which recall finds what was said long ago (domain/memory/recall/recall.py).

A reply and the message it answers are indexed soon after the reply ends. Dialogs from an import, a copy or an older
version are indexed in parts, at once when they are opened, otherwise gradually. `Dialog.words_upto` is the last indexed
message. A reply that is continued sets it back to before itself, so work that was interrupted is simply done later.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from sqlalchemy import bindparam, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.background.periodic import PeriodicTask
from domain.background.work_queue import Worker, WorkQueue
from domain.chat.tree.events import ReplyEnded
from domain.instances.claims import Claim
from domain.llm.port import Role
from domain.memory.events import WordsBehind
from domain.memory.recall.telling_words import roots_in, roots_in_each
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from storage.bus import Bus
from storage.columns import in_ids
from storage.database import LOCK_FOR_REFERENCE, LOCK_FOR_UPDATE, Database
from storage.full_text import FullText, Term

SAID, REPLIED = "said", "replied"
INDEX = FullText("message_words", (SAID, REPLIED))
LOOKS_EVERY = 60  # seconds
LONGEST_LOOK = 40
LOOKS_FIRST = 20
"""Seconds from the start to the first look; nobody waits for it."""
AT_ONCE, LONGEST = 1_000, 500_000
"""Maximum messages and characters processed together: so many because a child process takes half a second to start."""
STORED_AT_ONCE = 100
"""Messages per transaction."""
FEW = 20_000
"""Maximum characters processed in a thread, which takes some milliseconds; more are processed in a child process."""
NOT_INDEXED = (State.RUNNING, State.FILTERED, State.FAILED)


# Built once, since each reply executes them.
_UPTO = select(Dialog.words_upto).where(Dialog.id == bindparam("dialog"))
_UPTO_LOCKED = _UPTO.join(User, col(User.id) == col(Dialog.user_id)).with_for_update(
    **LOCK_FOR_UPDATE, of=(User, Dialog)
)
"""`_UPTO` with the dialog's row locked, and its person's before it (domain/chat/tree/own_dialog.py, `lock_talk`)."""
_COLUMNS: Any = (Message.id, Message.role, Message.state, Message.text)
_BEHIND: Any = (
    select(*_COLUMNS)
    .where(Message.dialog_id == bindparam("dialog"), col(Message.id) > bindparam("after"))
    .order_by(col(Message.id))
)
_DIALOGS = Dialog.metadata.tables["dialog"]
_KEEP_UPTO = update(_DIALOGS).where(_DIALOGS.c.id == bindparam("dialog")).values(words_upto=bindparam("upto"))


def term(dialog_id: int, root: str) -> Term:
    """A root as it is indexed. The dialog is part of it, so the cost of a look-up does not depend on other dialogs."""
    return Term(f"{dialog_id}d{root}")


@dataclass(frozen=True)
class _Part:
    """The messages of a dialog that are to be indexed next."""

    dialog_id: int
    after: int
    """The `Dialog.words_upto` that this part continues from."""
    messages: Sequence[Any]
    is_last: bool

    @property
    def texts(self) -> list[str]:
        return [each.text if each.state not in NOT_INDEXED else "" for each in self.messages]

    def pieces(self) -> Iterator[_Part]:
        """Split into the parts that are stored one by one."""
        after = self.after
        for start in range(0, len(self.messages), STORED_AT_ONCE):
            messages = self.messages[start : start + STORED_AT_ONCE]
            yield replace(self, after=after, messages=messages)
            after = messages[-1].id


class WordIndex:
    """A background job: indexes dialogs that are answered or opened, and looks for others that are behind."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._wanted = WorkQueue[int]()
        self._worker = Worker(self._wanted.get_all, self._index, fault="Words of dialogs could not be indexed")
        self._looks = PeriodicTask(
            self.look,
            every=LOOKS_EVERY,
            fault="Words of dialogs could not be indexed",
            claim=Claim(database, "words", LOOKS_EVERY),
        )

    async def start(self) -> None:
        self._bus.subscribe_to_all(ReplyEnded, self._want, own_only=True)
        self._bus.subscribe_to_all(WordsBehind, self._want, own_only=True)
        self._worker.start()
        self._looks.start(after=LOOKS_FIRST)

    async def close(self) -> None:
        await self._looks.close()
        await self._worker.close()

    async def look(self) -> None:
        """Index the dialogs that are behind, for at most `LONGEST_LOOK` seconds, before another instance may claim the
        job; the rest is done next time.
        """
        until = time.monotonic() + LONGEST_LOOK
        is_behind = col(Dialog.words_upto) < col(Dialog.leaf_id), col(Dialog.deleted_at).is_(None)
        behind = select(Dialog.id).where(*is_behind).order_by(col(Dialog.id)).limit(AT_ONCE)
        last = 0
        while True:
            async with self._database.read() as db:
                ids = list(await db.exec(behind.where(col(Dialog.id) > last)))
            if not ids:
                return
            last = ids[-1]
            while ids:
                ids = await index_some(self._database, ids, apart=True)
                if time.monotonic() > until:
                    return

    def _want(self, fact: ReplyEnded | WordsBehind) -> None:
        self._wanted.put_nowait(fact.about)

    async def _index(self, dialog_ids: Sequence[int]) -> None:
        """Index all that waits together, since a child process takes half a second to start; what fails is found by
        the next look.
        """
        for dialog_id in await index_some(self._database, dialog_ids):
            self._wanted.put_nowait(dialog_id)


async def index_some(database: Database, dialog_ids: Sequence[int], *, apart: bool = False) -> list[int]:
    """Index the next messages of these dialogs, at most `AT_ONCE`; returns the dialogs that have more to index.

    `apart`: always use a child process, so that the dictionary is not loaded into this one.
    """
    parts: list[_Part] = []
    left = list(dialog_ids)
    async with database.read() as db:
        while left and (room := AT_ONCE - sum(len(part.messages) for part in parts)) > 0:
            if part := await _next_part(db, left.pop(0), room):
                parts.append(part)
    texts = [text for part in parts for text in part.texts]
    if apart or sum(map(len, texts)) > FEW:
        roots = iter(await roots_in_each(texts) if any(texts) else [[]] * len(texts))
    else:
        roots = iter(await asyncio.to_thread(lambda: [roots_in(text) for text in texts]))
    behind = []
    for part in parts:
        of_messages = {each.id: next(roots) for each in part.messages}
        if await _store_all(database, part, of_messages) and not part.is_last:
            behind.append(part.dialog_id)
    return left + behind


async def _next_part(db: AsyncSession, dialog_id: int, most: int) -> _Part | None:
    """The messages to index next; None if nothing is left, apart from a reply that is being written."""
    after = (await db.exec(_UPTO, params={"dialog": dialog_id})).first()
    if after is None:
        return None
    found = (await db.exec(_BEHIND.limit(most), params={"dialog": dialog_id, "after": after})).all()
    running = next((place for place, each in enumerate(found) if each.state == State.RUNNING), None)
    messages = found[:running]
    lengths = accumulate(len(each.text) for each in messages)
    fitting = max(1, sum(length <= LONGEST for length in lengths))
    is_last = fitting >= len(messages) and (running is not None or len(found) < most)
    return _Part(dialog_id, after, messages[:fitting], is_last) if messages else None


async def _store_all(database: Database, part: _Part, roots: dict[int, list[str]]) -> bool:
    for piece in part.pieces():
        if not await _store(database, piece, {each.id: roots[each.id] for each in piece.messages}):
            return False
    return True


async def _store(database: Database, part: _Part, roots: dict[int, list[str]]) -> bool:
    """Store the words; returns False if another instance did so first, or a message has changed meanwhile."""
    async with database.write() as db:
        upto = (await db.exec(_UPTO_LOCKED, params={"dialog": part.dialog_id})).first()
        if upto != part.after or not await _are_as_read(db, part):
            return False
        words = {
            each.id: {SAID if each.role == Role.USER else REPLIED: _tokens(part.dialog_id, roots[each.id])}
            for each in part.messages
        }
        await INDEX.remove(db, [row_id for row_id in words if not roots[row_id]])
        await INDEX.put(db, {row_id: tokens for row_id, tokens in words.items() if roots[row_id]})
        indexed = {"dialog": part.dialog_id, "upto": part.messages[-1].id}
        await (await db.connection()).execute(_KEEP_UPTO, indexed)
    return True


async def _are_as_read(db: AsyncSession, part: _Part) -> bool:
    """Whether no message was erased or continued meanwhile; one that is locked for that now counts as changed."""
    dialect = db.get_bind().dialect.name
    columns: Any = select(Message.id, Message.state, func.length(col(Message.text)))
    these = columns.where(in_ids(col(Message.id), [each.id for each in part.messages], dialect))
    found = await db.exec(these.with_for_update(skip_locked=True, **LOCK_FOR_REFERENCE))
    return {tuple(each) for each in found} == {(each.id, each.state, len(each.text)) for each in part.messages}


def _tokens(dialog_id: int, roots: Sequence[str]) -> list[str]:
    return [term(dialog_id, root).token for root in roots]
