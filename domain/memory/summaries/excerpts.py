"""Excerpts: quotes that we choose ourselves for a part of a talk that could not be summarised; pure code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt

from domain.memory.sentences import sentences_of, shortened, words_of
from domain.text import quoted

MOST = 3
SHORTEST_WORD = 3
"""Minimum letters of a word that counts: nearly all shorter ones say nothing."""
Roots = Callable[[str], Iterable[str]]


@dataclass(frozen=True)
class Line:
    """Something that was said, and who said it."""

    who: str
    text: str


def excerpts_of(lines: Sequence[Line], limit: int, roots: Roots) -> str:
    """Quotes of the sentences that say most, in their order, within `limit` characters."""
    said = [(line.who, sentence) for line in lines for sentence in sentences_of(line.text)]
    chosen = _telling([sentence for _who, sentence in said], roots)
    quotes = [_quoted(*said[at], room=limit // max(1, len(chosen)) - 1) for at in chosen]
    return " ".join(quotes)


def excerpts_of_texts(texts: Sequence[str], limit: int, roots: Roots) -> str:
    """The same for summaries, whose sentences are not put in quotes."""
    sentences = [sentence for text in texts for sentence in sentences_of(text)]
    most = max(MOST, limit // 120)
    chosen = _telling(sentences, roots, most)
    kept: list[int] = []
    for at in chosen:
        if sum(len(sentences[each]) + 1 for each in (*kept, at)) <= limit:
            kept.append(at)
    return " ".join(sentences[at] for at in kept) or shortened(sentences[0], limit) if sentences else ""


def _telling(sentences: Sequence[str], roots: Roots, most: int = MOST) -> list[int]:
    """The indexes of the sentences that say most: their words are rare among all, and they are not too long."""
    found = [_roots_in(sentence, roots) for sentence in sentences]
    frequency = Counter(root for each in found for root in each)

    def score(at: int) -> float:
        if not found[at]:
            return 0
        return sum(log(1 + len(sentences) / frequency[root]) for root in found[at]) / sqrt(len(found[at]))

    best = sorted(range(len(sentences)), key=lambda at: (-score(at), at))[:most]
    return sorted(best)


def _roots_in(sentence: str, roots: Roots) -> set[str]:
    words = (word.folded for word in words_of(sentence))
    return {root for word in words if len(word) >= SHORTEST_WORD for root in roots(word)}


def _quoted(who: str, sentence: str, *, room: int) -> str:
    return f"{who}: {quoted(shortened(sentence, max(20, room - len(who) - 4)))}"
