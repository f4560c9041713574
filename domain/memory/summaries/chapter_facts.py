"""Facts that come with a chapter: what the model is told as known, and what is kept of the lines that it answers.

Where excerpts stand for the chapter, what the person said of themselves in so many words is found by patterns.
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
    """What held on the path to the chapter's end, and what of it the model is told, in this order."""

    known: Known
    offered: Sequence[HeldFact] = ()


async def known_before(known: Known, material: Material) -> KnownBefore:
    """Of what is known, that which may be about what is said in the chapter."""
    if not material.told or not known.counted:
        return KnownBefore(known)
    texts = [each.text for each in material.told]
    return KnownBefore(known, await asyncio.to_thread(offered_facts, known, texts))


async def facts_taught(summary: Summary, before: KnownBefore, material: Material) -> list[NewFact]:
    """What the chapter's messages bear out."""
    if not material.told:
        return []
    return await asyncio.to_thread(_facts_taught, summary, before, material)


def _facts_taught(summary: Summary, before: KnownBefore, material: Material) -> list[NewFact]:
    commission = material.commission
    speakers = Speakers(commission.talkers.character, commission.talkers.person, "\n".join(commission.card))
    messages = [NumberedMessage(n, each.id, each.role, each.text) for n, each in enumerate(material.told, 1)]
    found = believed_facts(
        "\n".join(summary.facts), messages, speakers=speakers, known=before.known, offered=before.offered
    )
    if summary.made_by != MadeBy.EXCERPTS:
        return found
    said = [(each.id, each.text) for each in material.told if each.role == Role.USER]
    taught = {each.message_id for each in found}
    return [*found, *(each for each in pattern_facts(said, before.known) if each.message_id not in taught)]


async def keep_facts(db: AsyncSession, job: Job, facts: Sequence[NewFact], before: KnownBefore) -> None:
    """Add them within the transaction that stores the chapter."""
    await add_facts(db, job.dialog_id, facts, known=before.known, chapter_id=job.id)
