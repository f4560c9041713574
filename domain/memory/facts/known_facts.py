"""Known facts: what new ones are judged by, which are found with a chapter or by patterns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.facts.fact_words import fingerprint, likeness_but_for_denial, likeness_of_fingerprints, read
from domain.memory.facts.held_facts import HeldFact, facts_of, read_page
from domain.memory.path_ids import Path
from domain.memory.rows import EVERYTHING, MadeBy, MemoryFact

THE_SAME = 0.8
"""So alike, two facts are one."""


@dataclass(frozen=True)
class NewFact:
    """A fact that is to be kept. Made by `new_fact`, in a thread."""

    text: str
    keys: str
    message_id: int
    roots: frozenset[str]
    key_hash: str
    replaces_id: int | None = None
    restates_id: int | None = None
    """The fact that holds already and says the same: it is counted instead."""
    made_by: MadeBy = MadeBy.MODEL


@dataclass(frozen=True)
class Known:
    """What new facts are judged by: those that hold on a path, and what the person wants forgotten."""

    counted: Sequence[HeldFact] = ()
    forgotten: Sequence[HeldFact] = ()
    newest_id: int = 0
    """The newest fact of the dialog, on whatever branch."""
    taught: Mapping[int, Sequence[HeldFact]] = field(default_factory=dict)
    """By message."""
    path: Path | None = None

    def has_taught(self, fact: NewFact) -> bool:
        """Whether its message taught it before: read again it says nothing new, though that was replaced since, or
        corrected by hand, so that it is about the same and in other words.
        """
        return any(
            is_the_same(each.key_hash, fact.key_hash) or (each.is_persons_own and not each.roots.isdisjoint(fact.roots))
            for each in self.taught.get(fact.message_id, ())
        )

    def held(self, fact: NewFact) -> HeldFact | None:
        """The fact that holds already and says the same."""
        return next((each for each in self.counted if is_the_same(each.key_hash, fact.key_hash)), None)

    def turned_round_by(self, fact: NewFact) -> HeldFact | None:
        """The newest fact that said the same before but for a «не», one way or the other: it is over."""
        older = (
            each
            for each in self.counted
            if not each.is_persons_own
            and (each.message_id or 0) < fact.message_id
            and turns_round(fact.key_hash, each.key_hash)
        )
        return max(older, key=lambda each: each.id, default=None)

    def is_to_be_forgotten(self, fact: NewFact) -> bool:
        """Whether its message taught what was forgotten, or was said before that and teaches the same, or before
        everything was.
        """
        return any(
            each.message_id == fact.message_id
            or (
                fact.message_id <= (each.forgotten_upto or 0)
                and (each.key_hash == EVERYTHING or is_the_same(each.key_hash, fact.key_hash))
            )
            for each in self.forgotten
        )


def new_fact(
    text: str,
    keys: str,
    message_id: int,
    *,
    names: Iterable[str] = (),
    made_by: MadeBy = MadeBy.MODEL,
) -> NewFact:
    """With its roots worked out, which takes the dictionary. `names` are the speakers': they tell no facts apart."""
    roots = roots_of(text, keys)
    return NewFact(text, keys, message_id, roots, fingerprint(text, names), made_by=made_by)


def roots_of(text: str, keys: str) -> frozenset[str]:
    return read(text).roots | read(keys).roots


def turns_round(one: str, other: str) -> bool:
    """Of two fingerprints: whether they are of the same, of which one is denied."""
    return likeness_but_for_denial(one, other) >= THE_SAME


def is_the_same(one: str, other: str) -> bool:
    """Of two fingerprints. One of no words is like none."""
    return likeness_of_fingerprints(one, other) >= THE_SAME


async def known_on(db: AsyncSession, dialog_id: int, path: Path) -> Known:
    """What new facts of messages of this path are judged by."""
    facts = await facts_of(db, dialog_id)
    forgotten = [each for each in facts.by_id.values() if each.is_forgotten]
    return Known(facts.counted(path), forgotten, facts.newest_id, _taught(facts.by_id.values()), path)


async def known_since(db: AsyncSession, dialog_id: int, known: Known) -> Known:
    """What came after that, and all that is to be forgotten by now: for the transaction that adds what was judged."""
    fact: Any = MemoryFact
    rows = await read_page(db, dialog_id, or_(fact.id > known.newest_id, fact.forgotten_at.is_not(None)))
    new = [each for each in rows if not each.is_forgotten and (known.path is None or each.is_on(known.path))]
    return Known(new, [each for each in rows if each.is_forgotten], taught=_taught(new))


def _taught(facts: Iterable[HeldFact]) -> dict[int, list[HeldFact]]:
    taught: dict[int, list[HeldFact]] = {}
    for each in facts:
        if each.message_id is not None:
            taught.setdefault(each.message_id, []).append(each)
    return taught
