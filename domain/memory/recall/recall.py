"""Recall: what was said long ago in the same words, or other forms of them, word for word when it matters now.

A round is a person's message and the reply to it. It counts by the words it shares with what is sought, the rarer the
more; what a reply shares counts for a third, since replies are long and their words common, unless the word is rare all
the same. There is no threshold that tells «Кем я работаю?» from small talk, so there are two gates: a message that asks
for memory gets the rounds that fit best, any other only those that share something rare. Neither gets anything if most
of what it is about was never spoken of.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from heapq import nlargest
from typing import Any

from sqlalchemy import Integer, bindparam, func, true
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.llm.port import Role
from domain.memory.forgotten import was_forgotten
from domain.memory.path_ids import Path
from domain.memory.recall.quoting import quoted
from domain.memory.recall.ranks import reciprocal_ranks
from domain.memory.recall.sought import Sought, SoughtWord
from domain.memory.recall.word_hits import OF_A_REPLY, RARE, WordHits, hits_on, most_rarity
from domain.memory.recall.words import NOT_INDEXED
from domain.memory.remembered import RecalledRound
from domain.memory.rows import MemoryFact
from domain.model.dialog import Message

LOOKED_AT = 60
"""Rounds that are weighed; the texts are read of those only that are quoted."""
ROOTS_PER_CHARACTER = 1 / 14
USUAL_ROOTS = 20
"""A round of so many telling roots counts for a sixth less than a short one."""
LENGTH_COUNTS = 0.25
ONE_RARE, TWO_RARE = RARE, 1.25
"""How rare one word has to be, or two together, for a round to be quoted unasked: parts of the logarithm of the number
of rounds.
"""
LEAST_SHARED = 0.4
"""How much of what is sought the best round has to share, by the rarity of its words. Words that were never said count
as one of the rarest that were said: often they are the same in other words.
"""
MUCH = 3
"""So many words that were said before are much told around a question."""
LED_TO = 5
"""Messages that are looked at where something else leads to them."""
FRAME = 60
"""Characters that stand around a quoted round."""
SHORTEST_QUOTE = 100
"""Characters of a round: fewer say nothing."""
APART = 6
"""Messages between two rounds that are quoted unasked."""


@dataclass(frozen=True)
class Gate:
    """How many rounds are quoted, with how many characters each."""

    rounds: int
    characters: int

    def within(self, room: int) -> Gate:
        """With shorter quotes where there is no room for one: in a small window one is still worth much."""
        return replace(self, characters=max(SHORTEST_QUOTE, min(self.characters, room - FRAME)))


ASKED, UNASKED = Gate(5, 220), Gate(2, 350)


@dataclass
class _Round:
    """`number` is the place on the path of its first message, from 0."""

    number: int
    question: Any = None
    reply: Any = None
    rarities: list[float] = field(default_factory=list)
    """How rare each shared word is, the rarest first."""
    score: float = 0
    is_led_to: bool = False
    """By something else than its words."""

    @property
    def roots(self) -> float:
        said, replied = (each.length if each else 0 for each in (self.question, self.reply))
        return (said + OF_A_REPLY * replied) * ROOTS_PER_CHARACTER

    def weigh(self, hits: Iterable[WordHits]) -> None:
        """By those of its messages that may be quoted."""
        sides = {"said": bool(self.question), "replied": bool(self.reply)}
        shared = [(each.rarity, counts) for each in hits if (counts := each.counts(self.number, **sides))]
        self.rarities = sorted((rarity for rarity, _counts in shared), reverse=True)
        self.score = sum(counts for _rarity, counts in shared) / (1 + self.roots / USUAL_ROOTS) ** LENGTH_COUNTS

    def is_rare(self, rounds: int) -> bool:
        most = most_rarity(rounds)
        return max(self.rarities, default=0) >= ONE_RARE * most or sum(self.rarities[:2]) >= TWO_RARE * most


async def recalled_for(
    db: AsyncSession,
    dialog_id: int,
    path: Path,
    sought: Sought | None,
    *,
    before: int,
    room: int,
    led_to: Sequence[int] = (),
) -> tuple[RecalledRound, ...]:
    """Rounds of the path that end before the message `before`, within `room` characters, the best first.

    `led_to` are messages to which something else leads than their words, the best first: facts know synonyms.
    """
    end = bisect_left(path.ids, before)
    if sought is None or end == 0:
        return ()
    hits, is_some_never_said = await hits_on(db, dialog_id, path, sought, end)
    led_to = [each for each in led_to if each in path and each < before][:LED_TO]
    may_matter = None if sought.asks else _rare_in(hits, end // 2)
    rounds = await _best(db, dialog_id, path, hits, end, led_to=led_to, among=may_matter)
    if not rounds:
        return ()
    about = sum(each.rarity for each in hits) + (most_rarity(end // 2) if is_some_never_said else 0)
    if sought.is_own and not _share_enough(rounds, about, len(hits), end // 2, asks=sought.asks):
        rounds = [each for each in rounds if each.is_led_to]
    gate = (ASKED if sought.asks else UNASKED).within(room)
    chosen = _chosen(rounds, gate, room, None if sought.asks else end // 2)
    words = [each.word for each in hits if not each.rounds.isdisjoint(one.number for one in chosen)]
    return await _quoted(db, chosen, words, gate.characters)


def _rare_in(hits: Sequence[WordHits], rounds: int) -> set[int]:
    """The rounds that may be quoted unasked (`_Round.is_rare`), if all of their messages may be: of an ordinary message
    there are none, and nothing has to be read.
    """
    most = most_rarity(rounds)
    found: set[int] = set()
    for place, each in enumerate(hits):
        if each.rarity >= ONE_RARE * most:
            found |= each.rounds
        for other in hits[:place]:
            if each.rarity + other.rarity >= TWO_RARE * most:
                found |= each.rounds & other.rounds
    return found


def _share_enough(rounds: Iterable[_Round], about: float, words: int, how_many: int, *, asks: bool) -> bool:
    """Whether one of so many rounds shares as much of what the message is about as it has to. Who asks may tell much
    around it, of which something was said before: then one rare word is enough.
    """
    least = LEAST_SHARED * about
    if asks and words >= MUCH:
        least = min(least, ONE_RARE * most_rarity(how_many))
    return any(sum(each.rarities) >= least for each in rounds)


async def _best(
    db: AsyncSession,
    dialog_id: int,
    path: Path,
    hits: list[WordHits],
    end: int,
    *,
    led_to: Sequence[int],
    among: set[int] | None,
) -> list[_Round]:
    """The rounds that share most, the best first; of those that share the same the newest. `among`: only these."""
    scores: dict[int, float] = {}
    for each in hits:
        for rounds_having, counts in each.counted():
            for number in rounds_having if among is None else rounds_having & among:
                scores[number] = scores.get(number, 0) + counts
    best = nlargest(LOOKED_AT, zip(scores.values(), scores, strict=True))
    numbers = [number for _score, number in best]
    places = [path.number(message_id) - 1 for message_id in led_to]
    beside = {max(0, place - side) for place in places for side in (0, 1)}
    if among is not None:
        beside &= among
    if not numbers and not beside:
        return []
    rounds = await _with_messages(db, dialog_id, path, [*numbers, *sorted(beside.difference(numbers))], end)
    for one in rounds:
        one.weigh(hits)
    by_words = sorted((one for one in rounds if one.score), key=lambda one: (-one.score, -one.number))
    return _joined(by_words, _holding(rounds, led_to)) if led_to else by_words


def _holding(rounds: Iterable[_Round], messages: Sequence[int]) -> list[_Round]:
    """The rounds of these messages, in their order."""
    by_message = {message.id: each for each in rounds for message in (each.question, each.reply) if message}
    return list({id(one): one for each in messages if (one := by_message.get(each))}.values())


def _joined(by_words: Sequence[_Round], led_to: Sequence[_Round]) -> list[_Round]:
    """Both by reciprocal rank."""
    for each in led_to:
        each.is_led_to = True
    ranks = reciprocal_ranks(*([each.number for each in ranking] for ranking in (by_words, led_to)))
    each_once = {each.number: each for each in (*led_to, *by_words)}
    return sorted(each_once.values(), key=lambda each: (-ranks[each.number], -each.score, -each.number))


async def _with_messages(
    db: AsyncSession, dialog_id: int, path: Path, numbers: Sequence[int], end: int
) -> list[_Round]:
    """Each with those of its messages that may be quoted, without their texts."""
    places = {place for number in numbers for place in (number, number + 1) if place < end}
    params = {"dialog": dialog_id, "ids": [path.ids[place] for place in places]}
    there = {each.id: each for each in await db.exec(_MAY_BE_QUOTED, params=params) if each.length}

    def at(place: int, role: Role) -> Any:
        message = there.get(path.ids[place]) if place < end else None
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
    texts = {each.id: each for each in await db.exec(_TEXTS, params={"ids": ids})}
    return await asyncio.to_thread(lambda: tuple(_in_words(each, texts, words, characters) for each in rounds))


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


def _may_be_quoted() -> Any:
    columns: Any = select(Message.id, Message.role, func.length(func.trim(col(Message.text))).label("length"))
    dialog = bindparam("dialog", type_=Integer)
    forgotten = select(MemoryFact.id).where(
        col(MemoryFact.message_id) == col(Message.id), col(MemoryFact.forgotten_at).is_not(None)
    )
    return columns.where(
        _AMONG,
        # "IS TRUE" keeps SQLite's planner from walking through the whole dialog.
        (col(Message.dialog_id) == dialog).is_(true()),
        (~was_forgotten(dialog)).is_(true()),
        col(Message.deleted_at).is_(None),
        ~col(Message.is_hidden_from_model),
        col(Message.state).not_in(NOT_INDEXED),
        ~forgotten.exists(),
    )


# Built once, since each reply asks them.
_AMONG = col(Message.id).in_(bindparam("ids", expanding=True))
_MAY_BE_QUOTED = _may_be_quoted()
_TEXTS: Any = select(Message.id, Message.text, Message.created_at).where(_AMONG)
