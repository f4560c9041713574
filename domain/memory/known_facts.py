"""The facts of a dialog, as they are kept, and which of them hold on a path.

Read once for each change of the dialog's memory (`Dialog.memory_version`) by each process; which of them hold is
looked up on the path each time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.port import Role
from domain.memory.fact_words import fingerprint, likeness_of_fingerprints, read
from domain.memory.path_ids import Path
from domain.memory.rows import MadeBy, MemoryFact
from domain.model.dialog import Dialog, Message
from storage.database import is_writable

THE_SAME = 0.8
"""So alike, two facts are one."""
VOWELS, SHORT = "аеиоуыэюяьй", 4
MOST_DIALOGS = 100
"""Dialogs whose facts a process keeps; those of one of 5,000 turns take 2 MB."""
A_PAGE = 400
"""Rows read at once: what is done with them must not hold up the event loop."""


@dataclass(frozen=True)
class NewFact:
    """A fact that is to be kept. Made by `new_fact`, in a thread."""

    text: str
    keys: str
    message_id: int
    roots: frozenset[str]
    key_hash: str
    replaces_id: int | None = None
    made_by: MadeBy = MadeBy.MODEL


@dataclass(frozen=True)
class HeldFact:
    """A row of a fact, with what its message tells."""

    id: int
    message_id: int | None
    text: str
    roots: frozenset[str]
    key_hash: str
    replaces_id: int | None
    times: int
    pinned_at: datetime | None
    forgotten_upto: int | None
    """None: it is not forgotten."""
    made_by: MadeBy
    said_at: datetime | None
    role: Role | None
    """Who said the message that it cites; None: it was written by hand."""
    is_hidden: bool

    @property
    def is_persons_own(self) -> bool:
        """Written or corrected by hand."""
        return self.made_by == MadeBy.PERSON

    @property
    def is_forgotten(self) -> bool:
        return self.forgotten_upto is not None


class DialogFacts:
    """All facts of a dialog, on whatever branch, the oldest first."""

    def __init__(self, facts: Sequence[HeldFact]) -> None:
        self.facts = facts
        self.replacing: dict[int, list[HeldFact]] = {}
        for each in facts:
            if each.replaces_id is not None:
                self.replacing.setdefault(each.replaces_id, []).append(each)

    @cached_property
    def by_root(self) -> dict[str, list[HeldFact]]:
        """The facts in which a root stands, by its `bare` form."""
        found: dict[str, list[HeldFact]] = {}
        for fact in self.facts:
            for root in {bare(each) for each in fact.roots}:
                found.setdefault(root, []).append(fact)
        return found

    def standing(self, path: Path) -> list[HeldFact]:
        """Those of the path that are not forgotten and whose message the model may read, replaced ones too."""
        return [each for each in self.facts if not each.is_forgotten and not each.is_hidden and _is_on(each, path)]

    def counted(self, path: Path) -> list[HeldFact]:
        """Those that hold on the path."""
        return [each for each in self.standing(path) if self.replaced_by(each, path) is None]

    def replaced_by(self, fact: HeldFact, path: Path) -> HeldFact | None:
        """The fact of this path that holds instead; None if it holds itself.

        One that was forgotten replaces nothing, but what replaced it goes on doing so.
        """
        for newer in self.replacing.get(fact.id, ()):
            if not _is_on(newer, path) or newer.is_hidden:
                continue
            if last := self.replaced_by(newer, path):
                return last
            if not newer.is_forgotten:
                return newer
        return None


@dataclass(frozen=True)
class Known:
    """What new facts are judged by: those that hold on a path, and what the person wants forgotten."""

    counted: Sequence[HeldFact] = ()
    forgotten: Sequence[HeldFact] = ()

    def held(self, fact: NewFact) -> HeldFact | None:
        """The fact that holds already and says the same."""
        return next((each for each in self.counted if is_the_same(each.key_hash, fact.key_hash)), None)

    def is_to_be_forgotten(self, fact: NewFact) -> bool:
        """Whether its message taught what was forgotten, or was said before that and teaches the same."""
        return any(
            each.message_id == fact.message_id
            or (fact.message_id <= (each.forgotten_upto or 0) and is_the_same(each.key_hash, fact.key_hash))
            for each in self.forgotten
        )


def new_fact(
    text: str,
    keys: str,
    message_id: int,
    *,
    names: Iterable[str] = (),
    replaces_id: int | None = None,
    made_by: MadeBy = MadeBy.MODEL,
) -> NewFact:
    """With its roots worked out, which takes the dictionary. `names` are the speakers': they tell no facts apart."""
    roots = roots_of(text, keys)
    return NewFact(text, keys, message_id, roots, fingerprint(text, names), replaces_id, made_by)


def bare(root: str) -> str:
    """Without the vowels at its end, so that «работаю» finds «работа»."""
    return root.rstrip(VOWELS) if len(root) > SHORT else root


def roots_of(text: str, keys: str) -> frozenset[str]:
    return read(text).roots | read(keys).roots


def is_the_same(one: str, other: str) -> bool:
    """Of two fingerprints."""
    return one == other or likeness_of_fingerprints(one, other) >= THE_SAME


async def facts_of(db: AsyncSession, dialog_id: int) -> DialogFacts:
    """As this transaction sees them; those of a write, which may be rolled back, are not kept."""
    if is_writable(db):
        return DialogFacts(await read_facts(db, dialog_id))
    found = await db.exec(select(Dialog.memory_version).where(Dialog.id == dialog_id))
    version = found.first() or 0
    kept = _KEPT.setdefault(db.get_bind(), OrderedDict())
    if (held := kept.get(dialog_id)) is None or held.version != version:
        held = kept[dialog_id] = _Kept(version, DialogFacts(await read_facts(db, dialog_id)))
    kept.move_to_end(dialog_id)
    while len(kept) > MOST_DIALOGS:
        kept.popitem(last=False)
    return held.facts


async def read_facts(db: AsyncSession, dialog_id: int) -> list[HeldFact]:
    facts: list[HeldFact] = []
    while True:
        page = await _page(db, dialog_id, facts[-1].id if facts else 0)
        facts += page
        if len(page) < A_PAGE:
            return facts


async def known_on(db: AsyncSession, dialog_id: int, path: Path) -> Known:
    """What new facts of messages of this path are judged by."""
    facts = await facts_of(db, dialog_id)
    return Known(facts.counted(path), [each for each in facts.facts if each.is_forgotten])


def _is_on(fact: HeldFact, path: Path) -> bool:
    return fact.message_id is None or fact.message_id in path


async def _page(db: AsyncSession, dialog_id: int, after: int) -> list[HeldFact]:
    rows: Any = await db.exec(_FACTS.where(_fact.dialog_id == dialog_id, _fact.id > after).limit(A_PAGE))
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
            is_hidden=bool(row.is_hidden_from_model),
        )
        for row in rows
    ]


@dataclass
class _Kept:
    version: int
    facts: DialogFacts = field(repr=False)


_KEPT: WeakKeyDictionary[Any, OrderedDict[int, _Kept]] = WeakKeyDictionary()
"""By the database's engine, since ids are its own."""

_fact: Any = MemoryFact
_columns: tuple[Any, ...] = (
    *(_fact.id, _fact.message_id, _fact.text, _fact.roots, _fact.key_hash, _fact.replaces_id, _fact.times),
    *(_fact.pinned_at, _fact.forgotten_at, _fact.forgotten_upto, _fact.made_by),
    *(Message.created_at, Message.role, Message.is_hidden_from_model),
)
_FACTS: Any = select(*_columns).outerjoin(Message, col(Message.id) == _fact.message_id).order_by(_fact.id)
