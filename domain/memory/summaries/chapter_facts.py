"""Facts found with a chapter: which known ones the model is shown, and which of its answer's lines are kept.

If excerpts stand in for the chapter, patterns find what the person said about themselves in so many words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.port import Role
from domain.memory.chapter_rows import Job
from domain.memory.facts.fact_belief import NumberedMessage, Speakers, believed_facts
from domain.memory.facts.fact_patterns import pattern_facts
from domain.memory.facts.facts import add_facts, offered_facts
from domain.memory.facts.held_facts import HeldFact
from domain.memory.facts.known_facts import Known, NewFact
from domain.memory.rows import MadeBy
from domain.memory.summaries.material import Material
from domain.memory.summaries.summariser import Summary


@dataclass(frozen=True)
class KnownBefore:
    """The facts that held on the path to the chapter's end, and those of them that the model is shown, in its order."""

    known: Known
    offered: Sequence[HeldFact] = ()


async def known_before(known: Known, material: Material) -> KnownBefore:
    """Choose the known facts that the chapter may be about."""
    if not material.summarised or not known.counted:
        return KnownBefore(known)
    texts = [each.text for each in material.summarised]
    return KnownBefore(known, await asyncio.to_thread(offered_facts, known, texts))


async def facts_taught(summary: Summary, before: KnownBefore, material: Material) -> list[NewFact]:
    """The facts of the summary that the chapter's messages bear out."""
    if not material.summarised:
        return []
    return await asyncio.to_thread(_facts_taught, summary, before, material)


def _facts_taught(summary: Summary, before: KnownBefore, material: Material) -> list[NewFact]:
    request = material.request
    speakers = Speakers(request.talkers.character, request.talkers.person, "\n".join(request.card))
    messages = [NumberedMessage(n, each.id, each.role, each.text) for n, each in enumerate(material.summarised, 1)]
    found = believed_facts(
        "\n".join(summary.facts), messages, speakers=speakers, known=before.known, offered=before.offered
    )
    if summary.made_by != MadeBy.EXCERPTS:
        return found
    said = [(each.id, each.text) for each in material.summarised if each.role == Role.USER]
    taught = {each.message_id for each in found}
    return [*found, *(each for each in pattern_facts(said, before.known) if each.message_id not in taught)]


async def keep_facts(db: AsyncSession, job: Job, facts: Sequence[NewFact], before: KnownBefore) -> None:
    """Add the facts within the transaction that stores the chapter."""
    await add_facts(db, job.dialog_id, facts, known=before.known, chapter_id=job.id)
