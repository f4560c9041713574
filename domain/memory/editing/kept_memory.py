"""A dialog's memory as it is exported to a file or copied to another dialog, and as it is stored there under new ids.

What was made of messages that do not come along is left behind. The cost of memory stays counted in the old dialog;
vectors and the word index are made anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.rows import ChapterState, MadeBy, MemoryChapter, MemoryFact, MemoryPin
from domain.model.dialog import Dialog
from storage.bulk import Row, add_rows, reserve_ids

CHUNK = 200
"""Rows stored per transaction, which holds the write lock for some milliseconds."""
_PINS, _CHAPTERS, _FACTS = (kind.metadata.tables[kind.__tablename__] for kind in (MemoryPin, MemoryChapter, MemoryFact))


class KeptPin(NamedTuple):
    message_id: int | None
    anchor_id: int | None
    text: str
    made_at: datetime


class KeptChapter(NamedTuple):
    level: int
    first_id: int
    last_id: int
    covered: int
    text: str
    made_by: MadeBy
    made_at: datetime
    edited_at: datetime | None


class KeptFact(NamedTuple):
    """`id` is what the `replaces_id` of a later fact refers to."""

    id: int
    message_id: int | None
    text: str
    keys: str
    roots: str
    key_hash: str
    times: int
    replaces_id: int | None
    pinned_at: datetime | None
    forgotten_at: datetime | None
    forgotten_upto: int | None
    made_by: MadeBy
    made_at: datetime
    edited_at: datetime | None


@dataclass(frozen=True)
class KeptMemory:
    """Facts come after the ones they replace."""

    is_off: bool = False
    pins: Sequence[KeptPin] = ()
    chapters: Sequence[KeptChapter] = ()
    facts: Sequence[KeptFact] = ()

    def __bool__(self) -> bool:
        return bool(self.is_off or self.pins or self.chapters or self.facts)


async def read_memory(db: AsyncSession, dialog_id: int, *, is_off: bool = False) -> KeptMemory:
    """All that is remembered of a dialog, on all branches, except chapters that are still being made."""
    done = MemoryChapter.state == ChapterState.DONE
    return KeptMemory(
        is_off,
        pins=[KeptPin(*row) for row in await db.exec(_columns(MemoryPin, KeptPin, dialog_id))],
        chapters=[
            KeptChapter(*row) for row in await db.exec(_columns(MemoryChapter, KeptChapter, dialog_id).where(done))
        ],
        facts=[KeptFact(*row) for row in await db.exec(_columns(MemoryFact, KeptFact, dialog_id))],
    )


def _columns(table: Any, kind: Any, dialog_id: int) -> Any:
    wanted: tuple[Any, ...] = tuple(getattr(table, name) for name in kind._fields)
    return select(*wanted).where(table.dialog_id == dialog_id).order_by(col(table.id))


@dataclass
class MemoryTransfer:
    """Brings memory into a dialog that already has the messages. `new_ids` maps their old ids to the new ones."""

    dialog_id: int
    memory: KeptMemory
    new_ids: Mapping[int, int]
    _new_fact_ids: dict[int, int] = field(default_factory=dict)

    def chunks(self) -> Iterator[Sequence[KeptPin | KeptChapter | KeptFact]]:
        """Chunks of rows of one kind, to be stored in this order."""
        for rows in (self.memory.pins, self.memory.chapters, self.memory.facts):
            there: list[Any] = [each for each in rows if self._is_there(each)]
            yield from (there[at : at + CHUNK] for at in range(0, len(there), CHUNK))

    async def store(self, db: AsyncSession, chunk: Sequence[KeptPin | KeptChapter | KeptFact]) -> None:
        table = {KeptPin: _PINS, KeptChapter: _CHAPTERS, KeptFact: _FACTS}[type(chunk[0])]
        ids = await reserve_ids(db, table, len(chunk))
        await add_rows(db, table, [self._row(each, new_id) for each, new_id in zip(chunk, ids, strict=True)])

    def settle(self, dialog: Dialog) -> None:
        """Update the dialog, which must be locked, after all chunks are stored."""
        dialog.memory_off = self.memory.is_off
        dialog.memory_version += bool(self.memory)

    def _is_there(self, kept: KeptPin | KeptChapter | KeptFact) -> bool:
        """Whether all messages it is about have come along."""
        if isinstance(kept, KeptPin):
            about = [kept.message_id, kept.anchor_id]
        elif isinstance(kept, KeptChapter):
            about = [kept.first_id, kept.last_id]
        else:
            about = [kept.message_id]
        return all(each is None or each in self.new_ids for each in about)

    def _row(self, kept: KeptPin | KeptChapter | KeptFact, new_id: int) -> Row:
        row = kept._asdict() | {"id": new_id, "dialog_id": self.dialog_id}
        for name in ("message_id", "anchor_id", "first_id", "last_id"):
            if name in row and row[name] is not None:
                row[name] = self.new_ids[row[name]]
        if isinstance(kept, KeptChapter):
            made = {"model": "", "tokens_in": 0, "tokens_out": 0, "cost": 0}
            return (
                row
                | made
                | {"state": ChapterState.DONE, "attempts": 0, "is_retold": False, "fault": "", "reference": ""}
            )
        if isinstance(kept, KeptFact):
            self._new_fact_ids[kept.id] = new_id
            row["replaces_id"] = self._new_fact_ids.get(kept.replaces_id or 0)
            row["forgotten_upto"] = self._upto(kept.forgotten_upto)
        return row

    def _upto(self, message_id: int | None) -> int | None:
        """The new id of the newest message that was there when a fact was forgotten."""
        if message_id is None:
            return None
        old_ids, newest = self._newest
        at = bisect_right(old_ids, message_id)
        return newest[at - 1] if at else 0

    @cached_property
    def _newest(self) -> tuple[list[int], list[int]]:
        """The old ids in their order, and for each the largest new id up to there."""
        old_ids = sorted(self.new_ids)
        return old_ids, list(accumulate((self.new_ids[each] for each in old_ids), max))
