"""Recall: quotes what was said long ago, word for word, when the newest message uses the same words in any form.

A round is a person's message and the reply to it. Its score grows with the words it shares with the message, and rarer
words weigh more. A word in the reply counts for a third, since replies are long and full of common words, unless the
word is rare. No threshold tells «Кем я работаю?» from small talk, so there are two gates: a message that asks for
memory gets the rounds that fit best, any other message only those that share something rare. Neither gets anything if
most of what it is about never came up before.
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
"""Maximum rounds whose messages are looked up. Texts are read only of the rounds that are quoted."""
ROOTS_PER_CHARACTER = 1 / 14
USUAL_ROOTS = 20
"""A round with this many telling roots scores a sixth less than a short one."""
LENGTH_COUNTS = 0.25
ONE_RARE, TWO_RARE = RARE, 1.25
"""Minimum rarity of one shared word, or of two, for an unasked quote of a round, as a share of `most_rarity`."""
LEAST_SHARED = 0.4
"""Minimum share of what is sought, weighted by rarity, that one round must have. All words that were never said count
together as one of the rarest: often they are synonyms of what was said.
"""
MUCH = 3
"""With this many words that were said before, a question tells much besides what it asks: one rare word is enough."""
LED_TO = 5
"""Maximum messages considered that were not found by their words."""
FRAME = 60
"""Characters around a quoted round."""
SHORTEST_QUOTE = 100
"""Minimum characters of a quoted round: a shorter quote says nothing."""
APART = 6
"""Any two rounds quoted unasked are more than this many messages apart."""


@dataclass(frozen=True)
class Gate:
    """Maximum number of rounds quoted, and maximum characters of each."""

    rounds: int
    characters: int

    def within(self, room: int) -> Gate:
        """The gate with quotes short enough that one fits: even a single quote is worth much in a small window."""
        return replace(self, characters=max(SHORTEST_QUOTE, min(self.characters, room - FRAME)))


ASKED, UNASKED = Gate(5, 220), Gate(2, 350)


@dataclass
class _Round:
    """`number` is the index of its first message on the path, from 0."""

    number: int
    question: Any = None
    reply: Any = None
    rarities: list[float] = field(default_factory=list)
    """Rarity of each shared word, the rarest first."""
    score: float = 0
    is_led_to: bool = False
    """Whether it was not found by its words."""

    @property
    def roots(self) -> float:
        said, replied = (each.length if each else 0 for each in (self.question, self.reply))
        return (said + OF_A_REPLY * replied) * ROOTS_PER_CHARACTER

    def weigh(self, hits: Iterable[WordHits]) -> None:
        """Score the round by those of its messages that may be quoted."""
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
    """Quotes of rounds that end before the message `before`, at most `room` characters together, the best first.

    `led_to` are messages that were found otherwise than by their words, such as by facts, which know synonyms; the best
    first.
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
    """The rounds that may pass `_Round.is_rare`, as far as is known without reading their messages. For an ordinary
    message there are none, and nothing has to be read.
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
    """Whether a round shares enough of what the message is about; `how_many` is the number of rounds on the path. One
    rare word is enough if the message asks for memory and has many words besides the question.
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
    """The rounds that share most, the best first and the newest first among equals. `among` restricts the choice to
    these rounds.
    """
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
    """The rounds that these messages belong to, in the order of the messages."""
    by_message = {message.id: each for each in rounds for message in (each.question, each.reply) if message}
    return list({id(one): one for each in messages if (one := by_message.get(each))}.values())


def _joined(by_words: Sequence[_Round], led_to: Sequence[_Round]) -> list[_Round]:
    """Both rankings merged by reciprocal rank."""
    for each in led_to:
        each.is_led_to = True
    ranks = reciprocal_ranks(*([each.number for each in ranking] for ranking in (by_words, led_to)))
    each_once = {each.number: each for each in (*led_to, *by_words)}
    return sorted(each_once.values(), key=lambda each: (-ranks[each.number], -each.score, -each.number))


async def _with_messages(
    db: AsyncSession, dialog_id: int, path: Path, numbers: Sequence[int], end: int
) -> list[_Round]:
    """The rounds with those of their messages that may be quoted, without texts."""
    places = {place for number in numbers for place in (number, number + 1) if place < end}
    params = {"dialog": dialog_id, "ids": [path.ids[place] for place in places]}
    there = {each.id: each for each in await db.exec(_MAY_BE_QUOTED, params=params) if each.length}

    def at(place: int, role: Role) -> Any:
        message = there.get(path.ids[place]) if place < end else None
        return message if message and message.role == role else None

    return [_Round(each, at(each, Role.USER), at(each + 1, Role.ASSISTANT)) for each in numbers]


def _chosen(rounds: Iterable[_Round], gate: Gate, room: int, unasked_of: int | None) -> list[_Round]:
    """`unasked_of` is the number of rounds on the path if the message does not ask for memory, else None."""
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


# Built once, since every reply runs these queries.
_AMONG = col(Message.id).in_(bindparam("ids", expanding=True))
_MAY_BE_QUOTED = _may_be_quoted()
_TEXTS: Any = select(Message.id, Message.text, Message.created_at).where(_AMONG)
