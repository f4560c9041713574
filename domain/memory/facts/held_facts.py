"""Held facts: a cache of all facts of a dialog, which tells those that hold on a path.

Each process caches the facts of the dialogs used last. After a change of a dialog's memory (`Dialog.memory_version`) it
reads only rows that are new or were changed after they were made.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import false, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.port import Role
from domain.memory.path_ids import Path
from domain.memory.remembered import KnownFact
from domain.memory.rows import MadeBy, MemoryFact
from domain.model.dialog import Dialog, Message, State
from storage.database import is_writable

VOWELS, SHORT = "аеиоуыэюяьй", 4
MOST_DIALOGS = 100
"""Maximum dialogs whose facts a process caches; a dialog of 5,000 turns takes some 5 MB."""
MOST_PATHS = 4
"""Maximum paths per dialog for which the facts that hold are cached."""
A_PAGE = 300
"""Rows read at once, few enough that handling them does not hold up the event loop."""


@dataclass(frozen=True)
class HeldFact:
    """A row of a fact, with what is needed of its message."""

    id: int
    message_id: int | None
    text: str
    roots: frozenset[str]
    key_hash: str
    replaces_id: int | None
    times: int
    pinned_at: datetime | None
    forgotten_upto: int | None
    """The dialog's newest message when the fact was forgotten; None: it is not forgotten."""
    made_by: MadeBy
    said_at: datetime | None
    role: Role | None
    """Role of the speaker of the message that it cites; None: it was written by hand."""
    is_hidden: bool
    """Whether the model may not read its message, which was hidden or filtered."""
    is_changed: bool = False
    """Whether it was changed later: forgotten, pinned, corrected, found again, or its message was hidden."""

    @property
    def is_persons_own(self) -> bool:
        """Written or corrected by hand."""
        return self.made_by == MadeBy.PERSON

    @property
    def is_forgotten(self) -> bool:
        return self.forgotten_upto is not None

    def is_on(self, path: Path) -> bool:
        return self.message_id is None or self.message_id in path


class DialogFacts:
    """All facts of a dialog, on all branches, the oldest first."""

    def __init__(self) -> None:
        self.by_id: dict[int, HeldFact] = {}
        self.by_root: dict[str, list[int]] = {}
        """The ids of the facts that have each root, by the root's `bare` form."""
        self._replacing: dict[int, list[int]] = {}
        self._newest_message = 0
        self._counted: OrderedDict[int, list[HeldFact]] = OrderedDict()
        self.choices: dict[tuple[int, int], tuple[KnownFact, ...]] = {}
        """The facts chosen for prompts, by `end_of` the path and the room in characters."""

    @property
    def newest_id(self) -> int:
        return next(reversed(self.by_id), 0)

    def take(self, rows: Iterable[HeldFact]) -> None:
        """Add new rows, and update those that were changed."""
        self._counted.clear()
        self.choices.clear()
        for fact in rows:
            is_new = fact.id not in self.by_id
            self.by_id[fact.id] = fact
            if not is_new:
                continue
            self._newest_message = max(self._newest_message, fact.message_id or 0)
            for root in {bare(each) for each in fact.roots}:
                self.by_root.setdefault(root, []).append(fact.id)
            if fact.replaces_id is not None:
                self._replacing.setdefault(fact.replaces_id, []).append(fact.id)

    def standing(self, path: Path) -> list[HeldFact]:
        """The facts of the path that are neither forgotten nor hidden, including replaced ones."""
        kept = (each for each in self.by_id.values() if not each.is_forgotten and not each.is_hidden)
        return [each for each in kept if each.is_on(path)]

    def end_of(self, path: Path) -> int:
        """The last message of the path that can matter: no later one, on any branch, taught anything. 0: none."""
        number = path.number(self._newest_message)
        return path.ids[number - 1] if number else 0

    def counted(self, path: Path) -> list[HeldFact]:
        """The facts that hold on the path: standing and not replaced."""
        end = self.end_of(path)
        if end not in self._counted:
            replaced = self.replaced(path)
            self._counted[end] = [each for each in self.standing(path) if each.id not in replaced]
            if len(self._counted) > MOST_PATHS:
                self._counted.popitem(last=False)
        return self._counted[end]

    def replaced(self, path: Path) -> dict[int, HeldFact]:
        """The facts that are replaced on the path: maps the id of each to the fact that holds instead.

        A forgotten fact replaces nothing, but a fact that replaced the forgotten one still replaces the older ones. A
        fact is newer than the one it replaces, so they are visited from the newest.
        """
        replaced: dict[int, HeldFact] = {}
        for fact in reversed(self.by_id.values()):
            newer = [self.by_id[each] for each in self._replacing.get(fact.id, ()) if each in self.by_id]
            there = [each for each in newer if not each.is_hidden and each.is_on(path)]
            holding = (replaced.get(each.id, None if each.is_forgotten else each) for each in there)
            if instead := next((each for each in holding if each), None):
                replaced[fact.id] = instead
        return replaced


def bare(root: str) -> str:
    """The root without its final vowels, so that «работаю» finds «работа»."""
    return root.rstrip(VOWELS) if len(root) > SHORT else root


async def facts_of(db: AsyncSession, dialog_id: int, version: int | None = None) -> DialogFacts:
    """The facts of a dialog as this transaction sees them. A write transaction may be rolled back, so what it reads is
    not cached. `version` is the `Dialog.memory_version` if the caller has just read it.
    """
    if is_writable(db):
        return await _read_all(db, dialog_id)
    if version is None:
        found = await db.exec(select(Dialog.memory_version).where(Dialog.id == dialog_id))
        version = found.first() or 0
    kept = _KEPT.setdefault(db.get_bind(), OrderedDict())
    held = kept.get(dialog_id)
    if held is None or held.version != version:
        facts = await _brought_up_to_date(db, dialog_id, held.facts) if held else await _read_all(db, dialog_id)
        held = kept[dialog_id] = _Kept(version, facts)
    kept.move_to_end(dialog_id)
    while len(kept) > MOST_DIALOGS:
        kept.popitem(last=False)
    return held.facts


async def _read_all(db: AsyncSession, dialog_id: int) -> DialogFacts:
    facts = DialogFacts()
    while page := await read_page(db, dialog_id, _fact.id > facts.newest_id, limit=A_PAGE):
        facts.take(page)
    return facts


async def _brought_up_to_date(db: AsyncSession, dialog_id: int, facts: DialogFacts) -> DialogFacts:
    """Update `facts` with the new and changed rows. All rows are read again if one is unchanged again, has other words,
    or is gone.
    """
    found = await db.exec(select(func.count()).select_from(MemoryFact).where(MemoryFact.dialog_id == dialog_id))
    rows = await read_page(db, dialog_id, or_(_fact.id > facts.newest_id, _CHANGED))
    changed = {each.id for each in rows}
    is_other = any((each.is_changed and each.id not in changed) for each in facts.by_id.values()) or any(
        (held := facts.by_id.get(each.id)) and held.roots != each.roots for each in rows
    )
    if is_other or found.one() != len(facts.by_id.keys() | changed):
        return await _read_all(db, dialog_id)
    facts.take(rows)
    return facts


async def read_page(db: AsyncSession, dialog_id: int, which: Any, limit: int | None = None) -> list[HeldFact]:
    rows: Any = await db.exec(_FACTS.where(_fact.dialog_id == dialog_id, which).limit(limit))
    return [
        HeldFact(
            id=row.id,
            message_id=row.message_id,
            text=row.text,
            roots=frozenset(row.roots.split()),
            key_hash=row.key_hash,
            replaces_id=row.replaces_id,
            times=row.times,
            pinned_at=row.pinned_at,
            forgotten_upto=(row.forgotten_upto or 0) if row.forgotten_at else None,
            made_by=row.made_by,
            said_at=row.created_at,
            role=row.role,
            is_hidden=bool(row.is_hidden),
            is_changed=bool(row.is_changed),
        )
        for row in rows
    ]


@dataclass
class _Kept:
    version: int
    facts: DialogFacts = field(repr=False)


_KEPT: WeakKeyDictionary[Any, OrderedDict[int, _Kept]] = WeakKeyDictionary()
"""The cached dialogs by database engine, since ids are unique only within one."""
_fact: Any = MemoryFact
_is_hidden: Any = func.coalesce(or_(col(Message.is_hidden_from_model), col(Message.state) == State.FILTERED), false())
_CHANGED: Any = or_(
    *(_fact.forgotten_at.is_not(None), _fact.pinned_at.is_not(None), _fact.edited_at.is_not(None)),
    *(_fact.times > 1, _is_hidden),
)
_columns: tuple[Any, ...] = (
    *(_fact.id, _fact.message_id, _fact.text, _fact.roots, _fact.key_hash, _fact.replaces_id, _fact.times),
    *(_fact.pinned_at, _fact.forgotten_at, _fact.forgotten_upto, _fact.made_by),
    *(Message.created_at, Message.role, _is_hidden.label("is_hidden"), _CHANGED.label("is_changed")),
)
_FACTS: Any = select(*_columns).outerjoin(Message, col(Message.id) == _fact.message_id).order_by(_fact.id)
