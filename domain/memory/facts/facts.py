"""The facts of a path: chosen for a prompt, found by what is said now, shown in the panel, and added.

A model's lines are parsed (fact_lines.py) and believed or not (fact_belief.py), in a thread since that needs the
dictionary. The facts that are believed are added in the transaction that stores the chapter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.port import Role
from domain.memory.facts.fact_words import read
from domain.memory.facts.held_facts import HeldFact, bare, facts_of
from domain.memory.facts.known_facts import Known, NewFact, known_since
from domain.memory.overview import FactEntry
from domain.memory.path_ids import Path
from domain.memory.remembered import KnownFact
from domain.memory.rows import MemoryFact
from domain.model.dialog import Dialog

MOST_OFFERED = 12
"""Maximum known facts shown to a model, so that it can say which of them a new one replaces."""
DATED = 16
"""Estimated characters of a fact's date and of what separates facts."""
ABOUT_THE_SAME = 0.5
"""Minimum share of a fact's roots that an earlier fact has, for both to be about the same subject."""
MOST_PASSED_OVER = 20
"""Number of facts too long for the room that is left after which the search for shorter ones ends."""
MOST_CHOICES = 16
"""Maximum choices cached per dialog, for different paths and rooms."""
LONG = 20
"""A fact with this many roots scores a sixth less than a short one."""


async def facts_for(db: AsyncSession, dialog_id: int, path: Path, *, room: int) -> tuple[KnownFact, ...]:
    """The facts that hold on this path, chosen for a prompt, at most `room` characters, the oldest first.

    Pinned facts are left out, since every prompt has them elsewhere. The choice does not depend on the newest message,
    so the beginning of the prompt stays the same until a chapter adds facts.
    """
    facts = await facts_of(db, dialog_id)
    wanted = facts.end_of(path), room
    if wanted not in facts.choices:
        if len(facts.choices) == MOST_CHOICES:
            facts.choices.clear()
        chosen = _chosen([each for each in facts.counted(path) if each.pinned_at is None], room)
        facts.choices[wanted] = tuple(_known(each) for each in sorted(chosen, key=_when))
    return facts.choices[wanted]


async def all_facts_on(
    db: AsyncSession, dialog_id: int, path: Path, *, verbatim_from: int | None = None
) -> list[FactEntry]:
    """All facts of the path that are not forgotten, for the panel: the newest first, replaced ones last.

    `verbatim_from` is the first message that the model gets word for word.
    """
    facts = await facts_of(db, dialog_id)
    replaced = facts.replaced(path)
    entries = [
        FactEntry(
            id=each.id,
            text=each.text,
            message_id=each.message_id,
            said_at=each.said_at,
            made_by=each.made_by,
            is_pinned=each.pinned_at is not None,
            replaced_by=replaced[each.id].id if each.id in replaced else None,
            is_still_verbatim=verbatim_from is not None and (each.message_id or 0) >= verbatim_from,
        )
        for each in sorted(facts.standing(path), key=_when, reverse=True)
    ]
    return sorted(entries, key=lambda each: each.replaced_by is not None)


def offered_facts(known: Known, messages: Iterable[str]) -> list[HeldFact]:
    """The known facts to show a model that summarises these messages: those that share the most words with them, the
    newest first among equals. To be called in a thread.

    The model refers to a fact by its place in the list, from 1.
    """
    said = read("\n".join(messages)).roots
    found = [(len(each.roots & said), each.id, each) for each in known.counted if not each.roots.isdisjoint(said)]
    return [each for _shared, _id, each in sorted(found, key=lambda one: one[:2], reverse=True)[:MOST_OFFERED]]


async def add_facts(
    db: AsyncSession, dialog_id: int, facts: Sequence[NewFact], *, known: Known, chapter_id: int | None = None
) -> list[int]:
    """Add believed facts in the transaction that stores their chapter; returns the ids of the new rows.

    `known` is what they were judged by. Facts that the person has forgotten since then are left out, and so are those
    that another chapter has added.
    """
    if not facts:
        return []
    await remember_change(db, dialog_id)  # also locks the dialog, so that another chapter waits
    since = await known_since(db, dialog_id, known)
    added: list[MemoryFact] = []
    for fact in facts:
        if since.has_taught(fact) or since.is_to_be_forgotten(fact) or since.held(fact):
            continue
        if fact.restates_id is not None:
            await _count_again(db, fact.restates_id, fact.message_id)
            continue
        row = _row(dialog_id, fact, chapter_id)
        db.add(row)
        added.append(row)
    await db.flush()
    return [each.id for each in added]


async def remember_change(db: AsyncSession, dialog_id: int) -> None:
    """Raise the dialog's memory version, so that every process reads its memory anew."""
    grown = {"memory_version": Dialog.memory_version + 1}
    await db.exec(update(Dialog).where(col(Dialog.id) == dialog_id).values(grown))


async def messages_left_out(db: AsyncSession, dialog_id: int) -> set[int]:
    """The messages that taught forgotten facts: they are no longer recalled or summarised."""
    query = select(MemoryFact.message_id).where(
        MemoryFact.dialog_id == dialog_id, col(MemoryFact.forgotten_at).is_not(None)
    )
    return {each for each in await db.exec(query) if each is not None}


@dataclass(frozen=True)
class FactCandidate:
    """A message found through a fact. `share` is the part of the sought words that the fact has, 0 to 1, each weighted
    by how few facts have it.
    """

    message_id: int
    fact_id: int
    share: float
    score: float


async def fact_candidates(
    db: AsyncSession, dialog_id: int, path: Path, sought: Sequence[Collection[str]], version: int | None = None
) -> list[FactCandidate]:
    """The messages of the path that are found through facts, the best first. `sought` has the roots of each word.

    Facts also have words that were not said, the synonyms that a model added. A message is found once, by its best
    fact. Replaced facts are searched too, since somebody may ask how things used to be.
    """
    facts = await facts_of(db, dialog_id, version)
    scores: dict[int, list[float]] = {}
    about = 0.0
    for roots in sought:
        found = {fact_id for root in roots for fact_id in facts.by_root.get(bare(root), ())}
        having = max(1, len(found))  # a word that no fact has weighs no more than a rare one: it may be a synonym
        weight = log(1 + (len(facts.by_id) - having + 0.5) / (having + 0.5)) if facts.by_id else 0
        about += weight
        for fact_id in found:
            scores.setdefault(fact_id, []).append(weight)
    best: dict[int, FactCandidate] = {}
    for fact_id, weights in scores.items():
        fact = facts.by_id[fact_id]
        if fact.message_id is None or fact.is_forgotten or fact.is_hidden or fact.message_id not in path:
            continue
        score = sum(weights) / (1 + len(fact.roots) / LONG) ** 0.25
        before = best.get(fact.message_id)
        if before is None or before.score < score:
            best[fact.message_id] = FactCandidate(fact.message_id, fact_id, sum(weights) / about, score)
    return sorted(best.values(), key=lambda each: (-each.score, -each.message_id))


def _chosen(facts: Iterable[HeldFact], room: int) -> list[HeldFact]:
    """Facts that fit `room`: about the person before the character, then the most repeated, then the newest. Each
    subject gets its first fact before any gets a second.
    """
    ranked = sorted(facts, key=lambda each: (each.role != Role.ASSISTANT, each.times, *_when(each)), reverse=True)
    chosen: list[HeldFact] = []
    passed_over = 0
    for fact in chain(_newest_of_each_subject(ranked), ranked):
        taken = len(fact.text) + DATED
        if taken <= room and fact not in chosen:
            chosen.append(fact)
            room -= taken
        elif taken > room and (passed_over := passed_over + 1) == MOST_PASSED_OVER:
            break
    return chosen


def _newest_of_each_subject(ranked: Iterable[HeldFact]) -> Iterator[HeldFact]:
    newest: dict[str, int] = {}  # root → the first fact that has it
    for fact in ranked:
        met = Counter(newest[root] for root in fact.roots if root in newest)
        if not met or met.most_common(1)[0][1] < ABOUT_THE_SAME * len(fact.roots):
            yield fact
        for root in fact.roots:
            newest.setdefault(root, fact.id)


def _when(fact: HeldFact) -> tuple[int, int]:
    """A sort key by age. Facts written by hand count as the newest."""
    return (fact.message_id if fact.message_id is not None else 2**62, fact.id)


def _known(fact: HeldFact) -> KnownFact:
    return KnownFact(fact.id, fact.text, fact.said_at)


async def _count_again(db: AsyncSession, fact_id: int, message_id: int) -> None:
    """Count a repetition, unless the fact's own message or an older one says it: a chapter made anew finds the same
    facts as before.
    """
    again: dict[str, Any] = {"times": MemoryFact.times + 1}
    is_older = col(MemoryFact.message_id) < message_id
    await db.exec(update(MemoryFact).where(col(MemoryFact.id) == fact_id, is_older).values(again))


def _row(dialog_id: int, fact: NewFact, chapter_id: int | None) -> MemoryFact:
    return MemoryFact(
        dialog_id=dialog_id,
        message_id=fact.message_id,
        chapter_id=chapter_id,
        text=fact.text,
        keys=fact.keys,
        roots=" ".join(sorted(fact.roots)),
        key_hash=fact.key_hash,
        replaces_id=fact.replaces_id,
        made_by=fact.made_by,
    )
