"""Recall: what was said long ago in the same words, or other forms of them, word for word when it matters now.

A round is a person's message and the reply to it. It counts by the words it shares with what is sought, the rarer the
more; what a reply shares counts for a third, since replies are long and their words common. There is no threshold that
tells «Кем я работаю?» from small talk, so there are two gates: a message that asks for memory gets the rounds that fit
best, any other only those that share something rare.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.port import Role
from domain.memory.path_ids import Path
from domain.memory.quoting import quoted
from domain.memory.remembered import RecalledRound
from domain.memory.rows import MemoryFact
from domain.memory.sought import Sought, SoughtWord
from domain.memory.words import INDEX, NOT_INDEXED, REPLIED, SAID, term
from domain.model.dialog import Message
from storage.columns import in_ids
from storage.full_text import SearchQuery

MOST_WORDS = 8
"""The rarest of those sought."""
TOO_FREQUENT = 2_000
"""Messages of a dialog: a word in more of them finds nothing."""
LOOKED_AT = 60
"""Rounds that are weighed; the texts are read of those only that are quoted."""
OF_A_REPLY = 0.35
ROOTS_PER_CHARACTER = 1 / 14
USUAL_ROOTS = 20
"""A round of so many telling roots counts for a sixth less than a short one."""
LENGTH_COUNTS = 0.25
ONE_RARE, TWO_RARE = 0.9, 1.25
"""How rare one word has to be, or two together, for a round to be quoted unasked: parts of the logarithm of the number
of rounds.
"""
FRAME = 60
"""Characters that stand around a quoted round."""
APART = 6
"""Messages between two rounds that are quoted unasked."""


@dataclass(frozen=True)
class Gate:
    """How many rounds are quoted, with how many characters each."""

    rounds: int
    characters: int


ASKED, UNASKED = Gate(5, 220), Gate(2, 350)


@dataclass(frozen=True)
class _Found:
    """One word: the rounds in whose question or reply it stands, and what it counts there."""

    word: SoughtWord
    said: frozenset[int]
    replied: frozenset[int]
    said_counts: float
    reply_counts: float


@dataclass
class _Round:
    """`number` is the place on the path of its first message, from 0; -1: a reply to nothing."""

    number: int
    question: Any = None
    reply: Any = None
    counts: list[float] = field(default_factory=list)
    """What each shared word counts, the most first."""
    score: float = 0

    @property
    def roots(self) -> float:
        said, replied = (each.length if each else 0 for each in (self.question, self.reply))
        return (said + OF_A_REPLY * replied) * ROOTS_PER_CHARACTER

    def weigh(self, found: Iterable[_Found]) -> None:
        """By those of its messages that may be quoted."""
        counts = [
            max(
                each.said_counts if self.question and self.number in each.said else 0,
                each.reply_counts if self.reply and self.number in each.replied else 0,
            )
            for each in found
        ]
        self.counts = sorted((each for each in counts if each), reverse=True)
        self.score = sum(self.counts) / (1 + self.roots / USUAL_ROOTS) ** LENGTH_COUNTS

    def is_rare(self, rounds: int) -> bool:
        most = log(rounds) if rounds > 1 else 0
        return self.counts[0] >= ONE_RARE * most or sum(self.counts[:2]) >= TWO_RARE * most


async def recalled_for(
    db: AsyncSession, dialog_id: int, path: Path, sought: Sought | None, *, before: int, room: int
) -> tuple[RecalledRound, ...]:
    """Rounds of the path that end before the message `before`, within `room` characters, the best first."""
    end = bisect_left(path.ids, before)
    if sought is None or end < 1:
        return ()
    found = await _found(db, dialog_id, path, sought, end)
    rounds = await _best(db, dialog_id, path, found, end)
    chosen = _chosen(rounds, ASKED if sought.asks else UNASKED, room, None if sought.asks else end // 2)
    return await _quoted(db, chosen, sought.words, (ASKED if sought.asks else UNASKED).characters)


async def _found(db: AsyncSession, dialog_id: int, path: Path, sought: Sought, end: int) -> list[_Found]:
    """The rarest of the words, and where they stand on this path before its message number `end`."""
    queries = [
        SearchQuery([[[term(dialog_id, root) for root in word.roots]]], (part,))
        for word in sought.words
        for part in (SAID, REPLIED)
    ]
    ids = await INDEX.ids(db, queries, TOO_FREQUENT + 1)
    found = []
    for word, said, replied in zip(sought.words, ids[::2], ids[1::2], strict=True):
        in_questions = frozenset(_numbers(path, said, end))
        in_replies = frozenset(number - 1 for number in _numbers(path, replied, end))
        counts = _rarity(len(in_questions), end // 2), OF_A_REPLY * _rarity(len(in_replies), end // 2)
        if in_questions or in_replies:
            found.append((len(said) + len(replied), _Found(word, in_questions, in_replies, *counts)))
    rare = [each for many, each in found if many <= TOO_FREQUENT] or [each for _many, each in found]
    return sorted(rare, key=lambda each: -max(each.said_counts, each.reply_counts))[:MOST_WORDS]


def _numbers(path: Path, ids: Iterable[int], end: int) -> Iterable[int]:
    for message_id in ids:
        place = bisect_left(path.ids, message_id, 0, end)
        if place < end and path.ids[place] == message_id:
            yield place


def _rarity(many: int, rounds: int) -> float:
    """The inverse document frequency of a word that stands in so many of these."""
    rounds = max(rounds, many)
    return log(1 + (rounds - many + 0.5) / (many + 0.5))


async def _best(db: AsyncSession, dialog_id: int, path: Path, found: list[_Found], end: int) -> list[_Round]:
    """The rounds that share most, the best first; of those that share the same the newest."""
    counts: dict[int, float] = {}
    for each in found:
        for number in each.said | each.replied:
            here = (each.said_counts if number in each.said else 0, each.reply_counts if number in each.replied else 0)
            counts[number] = counts.get(number, 0) + max(here)
    numbers = sorted(counts, key=lambda number: (-counts[number], -number))[:LOOKED_AT]
    rounds = await _with_messages(db, dialog_id, path, numbers, end)
    for one in rounds:
        one.weigh(found)
    return sorted((one for one in rounds if one.score), key=lambda one: (-one.score, -one.number))


async def _with_messages(
    db: AsyncSession, dialog_id: int, path: Path, numbers: Sequence[int], end: int
) -> list[_Round]:
    """Each with those of its messages that may be quoted, without their texts."""
    places = {place for number in numbers for place in (number, number + 1) if 0 <= place < end}
    columns: Any = select(Message.id, Message.role, func.length(func.trim(col(Message.text))).label("length"))
    forgotten = select(MemoryFact.message_id).where(
        MemoryFact.dialog_id == dialog_id, col(MemoryFact.forgotten_at).is_not(None), col(MemoryFact.message_id) > 0
    )
    may_be_quoted = (
        in_ids(col(Message.id), [path.ids[place] for place in places], db.get_bind().dialect.name),
        Message.dialog_id == dialog_id,
        col(Message.deleted_at).is_(None),
        ~col(Message.is_hidden_from_model),
        col(Message.state).not_in(NOT_INDEXED),
        col(Message.id).not_in(forgotten),
    )
    there = {each.id: each for each in await db.exec(columns.where(*may_be_quoted)) if each.length}

    def at(place: int, role: Role) -> Any:
        message = there.get(path.ids[place]) if 0 <= place < end else None
        return message if message and message.role == role else None

    return [_Round(each, at(each, Role.USER), at(each + 1, Role.ASSISTANT)) for each in numbers]


def _chosen(rounds: Iterable[_Round], gate: Gate, room: int, unasked_of: int | None) -> list[_Round]:
    """`unasked_of`: how many rounds there are, for a message that does not ask for memory."""
    chosen: list[_Round] = []
    for each in rounds:
        if len(chosen) == gate.rounds or (len(chosen) + 1) * (gate.characters + FRAME) > room:
            break
        if unasked_of is not None and not (each.is_rare(unasked_of) and _is_apart(each, chosen)):
            continue
        chosen.append(each)
    return chosen


def _is_apart(one: _Round, others: Collection[_Round]) -> bool:
    return all(abs(one.number - other.number) > APART for other in others)


async def _quoted(
    db: AsyncSession, rounds: Sequence[_Round], words: Sequence[SoughtWord], characters: int
) -> tuple[RecalledRound, ...]:
    ids = [message.id for each in rounds for message in (each.question, each.reply) if message]
    if not ids:
        return ()
    columns: Any = select(Message.id, Message.text, Message.created_at)
    found = await db.exec(columns.where(in_ids(col(Message.id), ids, db.get_bind().dialect.name)))
    texts = {each.id: each for each in found}
    return tuple(_in_words(each, texts, words, characters) for each in rounds)


def _in_words(each: _Round, texts: dict[int, Any], words: Sequence[SoughtWord], characters: int) -> RecalledRound:
    question, reply = (texts[message.id] if message else None for message in (each.question, each.reply))
    said, replied = (message.text if message else "" for message in (question, reply))
    first: Any = question or reply
    half = characters // 2
    for_question = max(half, characters - len(replied)) if len(said) > half else len(said)
    return RecalledRound(
        question.id if question else 0,
        reply.id if reply else 0,
        first.created_at,
        quoted(said, words, for_question),
        quoted(replied, words, characters - for_question),
    )
