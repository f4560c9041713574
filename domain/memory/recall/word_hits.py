"""Word hits: the rounds of a path in which the sought words occur, and how rare each word is there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.memory.path_ids import Path
from domain.memory.recall.sought import Sought, SoughtWord
from domain.memory.recall.words import INDEX, REPLIED, SAID, term
from storage.full_text import SearchQuery

MOST_WORDS = 8
"""Maximum sought words that are used, the rarest first."""
MOST_HITS = 2_000
"""Maximum hits of all words together. The rarest word is always used; a common one adds little to it."""
MOST_WALKED = 500
"""Maximum hits that are looked at if the message does not ask for memory; commoner words are only counted, since they
cannot make a round rare, alone or in pairs.
"""
OF_A_REPLY = 0.35
"""Weight of a common word in a reply, relative to one in a question."""
RARE = 0.8
"""Share of `most_rarity` from which on a word counts as much in a reply as in a question."""


@dataclass(frozen=True)
class WordHits:
    """The rounds in which a word occurs, in the question or in the reply, and its score there. A round is identified by
    the index of its question on the path.
    """

    word: SoughtWord
    said: frozenset[int]
    replied: frozenset[int]
    rounds: frozenset[int]
    """`said` and `replied` together; empty for a word that is only counted."""
    said_counts: float
    reply_counts: float
    rarity: float
    """Rarity in questions and replies together."""

    def counted(self) -> Iterator[tuple[frozenset[int], float]]:
        """Sets of rounds, each with the score of the word there, as far as is known without reading the messages."""
        if self.said_counts >= self.reply_counts:
            yield self.said, self.said_counts
            yield self.replied - self.said, self.reply_counts
        else:
            yield self.replied, self.reply_counts
            yield self.said - self.replied, self.said_counts

    def counts(self, number: int, *, said: bool = True, replied: bool = True) -> float:
        """Score of the word in this round. `said` and `replied` tell whether question and reply may be quoted."""
        in_question = self.said_counts if said and number in self.said else 0
        in_reply = self.reply_counts if replied and number in self.replied else 0
        return max(in_question, in_reply)


async def hits_on(
    db: AsyncSession, dialog_id: int, path: Path, sought: Sought, end: int
) -> tuple[list[WordHits], bool]:
    """The rarest of the words that occur on the path before its message number `end`, with their hits; and whether any
    word occurs nowhere.
    """
    parts = (SAID, REPLIED)
    queries = [_query(dialog_id, word, part) for word in sought.words for part in parts]
    walked = MOST_HITS if sought.asks else MOST_WALKED
    matches = await INDEX.matches(db, queries, MOST_HITS, listed=walked)
    found: list[WordHits] = []
    examined = looked_at = 0
    each = zip(sought.words, matches[::2], matches[1::2], strict=True)
    for word, said, replied in sorted(each, key=lambda one: one[1].count + one[2].count):
        looked_at += said.count + replied.count
        if found and (looked_at > MOST_HITS or len(found) == MOST_WORDS):
            break
        examined += 1
        if not sought.asks and looked_at > walked:
            found.append(_only_counted(word, said.count + replied.count, end // 2))
            continue
        hits = _hits(word, _places(path, said.ids, end), _places(path, replied.ids, end), end // 2)
        if hits.rounds:
            found.append(hits)
    return found, len(found) < examined


def _query(dialog_id: int, word: SoughtWord, part: str) -> SearchQuery:
    return SearchQuery([[[term(dialog_id, root) for root in word.roots]]], (part,))


def _hits(word: SoughtWord, questions: Iterable[int], replies: Iterable[int], rounds: int) -> WordHits:
    said = frozenset(questions)
    replied = frozenset(place - 1 for place in replies if place)  # not the greeting, which is in every prompt
    either = said | replied
    rarity = rarity_of(len(either), rounds)
    of_a_reply = 1 if rarity >= RARE * most_rarity(rounds) else OF_A_REPLY
    return WordHits(
        *(word, said, replied, either),
        said_counts=rarity_of(len(said), rounds),
        reply_counts=of_a_reply * rarity_of(len(replied), rounds),
        rarity=rarity,
    )


def _only_counted(word: SoughtWord, messages: int, rounds: int) -> WordHits:
    """A common word without its hits; its rarity is that in the whole dialog."""
    nowhere: frozenset[int] = frozenset()
    rarity = rarity_of(messages, rounds)
    return WordHits(word, nowhere, nowhere, nowhere, said_counts=0, reply_counts=0, rarity=rarity)


def _places(path: Path, ids: Sequence[int], end: int) -> Iterable[int]:
    for message_id in ids:
        place = bisect_left(path.ids, message_id, 0, end)
        if place < end and path.ids[place] == message_id:
            yield place


def rarity_of(many: int, rounds: int) -> float:
    """The inverse document frequency of a word that occurs in `many` of `rounds`."""
    rounds = max(rounds, many)
    return log(1 + (rounds - many + 0.5) / (many + 0.5))


def most_rarity(rounds: int) -> float:
    """About the rarity of a word that occurs in only one of the rounds. If there are few rounds, it is lower, so that a
    word in two of them still counts as rare.
    """
    return min(log(rounds), rarity_of(2, rounds) / RARE) if rounds > 1 else 0
