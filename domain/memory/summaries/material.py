"""Material of a summary: what is summarised and who said it, and whether it is still unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.characters.macros import Macros
from domain.chat.tree.message_tree import is_deleted, with_texts
from domain.llm.port import Role
from domain.memory.chapter_plan import Sizes, chain, finest_within
from domain.memory.chapter_rows import Job, nodes_between, texts_of
from domain.memory.facts.facts import messages_left_out
from domain.memory.facts.held_facts import HeldFact
from domain.memory.path_ids import Path
from domain.memory.rows import DIGEST, MadeBy, MemoryChapter
from domain.memory.summaries.excerpts import Line
from domain.memory.summaries.summariser import SummaryRequest
from domain.memory.summaries.summary_prompts import Talkers
from domain.model.character import Character
from domain.model.dialog import Message, State
from domain.model.user import User

BORNE_OUT = {MadeBy.MODEL, MadeBy.EXCERPTS}
"""Makers of texts that we have checked, so that names in them may be used again."""


@dataclass(frozen=True)
class Material:
    request: SummaryRequest
    summarised: Sequence[Message]
    """The messages of the request's lines."""
    fingerprint: int
    is_whole: bool
    """Whether nothing of the material is missing; a sum needs the texts of all its parts."""

    def with_known(self, facts: Sequence[HeldFact]) -> SummaryRequest:
        """The request with facts that its lines may be about."""
        believed = [each.text for each in facts if each.made_by in BORNE_OUT]
        return replace(self.request, known=[each.text for each in facts], believed=believed)


@dataclass(frozen=True)
class Participants:
    character: Character
    person: User


async def material_of(db: AsyncSession, job: Job, path: Path, participants: Participants, sizes: Sizes) -> Material:
    """`path` leads to the last message of the job."""
    if job.level:
        return await _of_sum(db, job, path, participants, sizes)
    messages = await with_texts(db, path.between(job.first_id - 1, job.last_id))
    left_out = await messages_left_out(db, job.dialog_id)
    summarised = [each for each in messages if _is_summarised(each) and each.id not in left_out]
    talkers = _talkers(participants)
    before = await _chapter_before(db, job, path)
    names = {Role.USER: talkers.person, Role.ASSISTANT: talkers.character}
    request = SummaryRequest(
        0,
        talkers,
        sizes.longest_text(0),
        lines=[Line(names[each.role], each.text) for each in summarised],
        card=_card(participants),
        before=before.text if before else "",
        is_before_believed=before is not None and before.made_by in BORNE_OUT,
    )
    return Material(request, summarised, fingerprint_of(messages, left_out), is_whole=True)


async def _of_sum(db: AsyncSession, job: Job, path: Path, participants: Participants, sizes: Sizes) -> Material:
    levels = await nodes_between(db, job.dialog_id, job.first_id - 1, job.last_id)
    if job.level == DIGEST:
        nodes = finest_within(sizes.read, levels, path, job.last_id)
    else:
        nodes = chain(levels.get(job.level - 1, ()), path, job.first_id - 1)
    texts = await texts_of(db, nodes) if nodes else []
    reaches_end = bool(nodes) and nodes[-1].last_id == job.last_id
    request = SummaryRequest(
        job.level,
        _talkers(participants),
        sizes.longest_text(job.level),
        texts=[text for text in texts if text],
        card=_card(participants),
    )
    is_whole = reaches_end and all(each.is_done for each in nodes)
    return Material(request, (), crc32("\0".join(texts).encode(errors="replace")), is_whole)


async def is_unchanged(db: AsyncSession, job: Job, path: Path, material: Material) -> bool:
    """Whether the summary is still up to date, within the transaction that stores it."""
    last = await db.get(Message, job.last_id)
    if last is None or await is_deleted(db, last):
        return False
    if job.level:
        return True  # any change of a chapter takes the sums above it from their workers (chapter_changes.py)
    messages = await with_texts(db, path.between(job.first_id - 1, job.last_id))
    return fingerprint_of(messages, await messages_left_out(db, job.dialog_id)) == material.fingerprint


def fingerprint_of(messages: Sequence[Message], left_out: set[int]) -> int:
    """A checksum of all that decides how these messages are summarised."""
    parts = (
        f"{each.id} {each.state} {each.is_hidden_from_model} {each.id in left_out} {each.text}" for each in messages
    )
    return crc32("\0".join(parts).encode(errors="replace"))


async def _chapter_before(db: AsyncSession, job: Job, path: Path) -> MemoryChapter | None:
    """The chapter that ends right before this one begins."""
    number = path.number(job.first_id)
    if number <= 1:
        return None
    before = MemoryChapter.level == 0, MemoryChapter.last_id == path.ids[number - 2]
    query = select(MemoryChapter).where(MemoryChapter.dialog_id == job.dialog_id, *before)
    return (await db.exec(query.order_by(col(MemoryChapter.id)))).first()


def _is_summarised(message: Message) -> bool:
    is_said = message.state not in {State.RUNNING, State.FILTERED} and bool(message.text.strip())
    return is_said and not message.is_hidden_from_model


def _talkers(participants: Participants) -> Talkers:
    return Talkers(participants.character.name, participants.person.display_name)


def _card(participants: Participants) -> list[str]:
    """Texts whose names and numbers may be used though nobody said them."""
    character, person = participants.character, participants.person
    macros = Macros(character, person)
    texts: list[Any] = [
        *(character.context, character.bio, character.personality, character.scenario, character.greeting),
        *(person.about, *character.interests),
    ]
    return [macros.fill(text) for text in texts if text]
