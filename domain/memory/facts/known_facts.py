"""Known facts: the basis for judging new ones, found with a chapter or by patterns."""

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
"""Minimum likeness, 0 to 1, at which two facts are the same."""


@dataclass(frozen=True)
class NewFact:
    """A fact that is to be kept; made by `new_fact`."""

    text: str
    keys: str
    message_id: int
    roots: frozenset[str]
    key_hash: str
    replaces_id: int | None = None
    restates_id: int | None = None
    """An older fact that says the same: its count grows, and no row is added."""
    made_by: MadeBy = MadeBy.MODEL


@dataclass(frozen=True)
class Known:
    """Basis for judging new facts: the facts that hold on a path, and those that the person wants forgotten."""

    counted: Sequence[HeldFact] = ()
    forgotten: Sequence[HeldFact] = ()
    newest_id: int = 0
    """Id of the dialog's newest fact, on any branch."""
    taught: Mapping[int, Sequence[HeldFact]] = field(default_factory=dict)
    """The facts that each message has taught, by its id."""
    path: Path | None = None

    def has_taught(self, fact: NewFact) -> bool:
        """Whether the fact's message has already taught it, even if it was replaced since. A fact that the person
        corrected counts if it shares a root, since its words have changed.
        """
        return any(
            is_the_same(each.key_hash, fact.key_hash) or (each.is_persons_own and not each.roots.isdisjoint(fact.roots))
            for each in self.taught.get(fact.message_id, ())
        )

    def held(self, fact: NewFact) -> HeldFact | None:
        """The fact that already holds and says the same."""
        return next((each for each in self.counted if is_the_same(each.key_hash, fact.key_hash)), None)

    def turned_round_by(self, fact: NewFact) -> HeldFact | None:
        """The newest older fact that says the opposite, but for a «не»: it no longer holds."""
        older = (
            each
            for each in self.counted
            if not each.is_persons_own
            and (each.message_id or 0) < fact.message_id
            and turns_round(fact.key_hash, each.key_hash)
        )
        return max(older, key=lambda each: each.id, default=None)

    def is_to_be_forgotten(self, fact: NewFact) -> bool:
        """Whether the person wants it forgotten: its message taught a forgotten fact, or it repeats a fact that was
        forgotten after its message, or everything was forgotten after its message.
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
    """Make a fact and work out its roots with the dictionary: call it in a thread. `names` are the speakers', which do
    not distinguish facts.
    """
    roots = roots_of(text, keys)
    return NewFact(text, keys, message_id, roots, fingerprint(text, names), made_by=made_by)


def roots_of(text: str, keys: str) -> frozenset[str]:
    return read(text).roots | read(keys).roots


def turns_round(one: str, other: str) -> bool:
    """Whether two fingerprints are of the same statement, affirmed in one and denied in the other."""
    return likeness_but_for_denial(one, other) >= THE_SAME


def is_the_same(one: str, other: str) -> bool:
    """Whether two fingerprints are of the same fact. A fingerprint without words matches none."""
    return likeness_of_fingerprints(one, other) >= THE_SAME


async def known_on(db: AsyncSession, dialog_id: int, path: Path) -> Known:
    """Basis for judging new facts from messages of this path."""
    facts = await facts_of(db, dialog_id)
    forgotten = [each for each in facts.by_id.values() if each.is_forgotten]
    return Known(facts.counted(path), forgotten, facts.newest_id, _taught(facts.by_id.values()), path)


async def known_since(db: AsyncSession, dialog_id: int, known: Known) -> Known:
    """The facts that were added after `known` was read, and all that are forgotten by now. For the transaction that
    adds the judged facts.
    """
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
