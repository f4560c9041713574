"""Quoting: the part of a text around the sought words, on one line; pure code.

A long text is searched for all forms of the words, which needs the dictionary: call it in a thread.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from domain.dictionary import LIKELY, dictionary
from domain.memory.recall.sought import SoughtWord
from domain.memory.recall.telling_words import telling_roots
from domain.stemming import stem
from storage.text_search import fold

ENDING = 5
"""Maximum characters that a form of a word may have after its stem. Other words begin alike («который» as «кот»): its
roots tell whether a word is a form of it.
"""
SENTENCE_END = re.compile(r"[.!?…»]\s+")


def quoted(text: str, words: Collection[SoughtWord], limit: int) -> str:
    """The text on one line, or the part of a longer one, at most `limit` characters, that has the most of the words."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    start = _start(line, words, limit - 2)
    end = min(len(line), start + limit - 2)
    if end < len(line):
        end = max(line.rfind(" ", start + 1, end + 1), start + limit // 2)
    return ("…" if start else "") + line[start:end].strip() + ("…" if end < len(line) else "")


def _start(line: str, words: Collection[SoughtWord], limit: int) -> int:
    places = _places(line, words)
    if not places:
        return 0
    lead = limit // 4

    def held(place: int) -> int:
        return len({word for at, word in places if place <= at < place - lead + limit})

    best = max((at for at, _word in places), key=lambda at: (held(at), -at))
    last = len(line) - limit
    if best <= lead or last <= 0:
        return 0
    sentences = [end.end() for end in SENTENCE_END.finditer(line, best - lead, best)]
    start = sentences[0] if sentences else line.find(" ", best - lead, best) + 1 or best - lead
    return min(start, _next_word(line, last))


def _next_word(line: str, place: int) -> int:
    return line.find(" ", place) + 1 or place


def _places(line: str, words: Collection[SoughtWord]) -> list[tuple[int, int]]:
    """The positions of the words in the line, each with the number of its word."""
    folded = fold(line)
    if len(folded) != len(line):  # some letters are longer in lower case
        return []
    places = []
    for number, word in enumerate(words):
        beginnings = "|".join(map(re.escape, _beginnings(word)))
        pattern = re.compile(rf"\b(?:{beginnings})\w{{0,{ENDING}}}\b")
        own = set(word.roots)
        places += [
            (found.start(), number) for found in pattern.finditer(folded) if not own.isdisjoint(telling_roots(found[0]))
        ]
    return sorted(places)


@lru_cache(maxsize=2_000)
def _beginnings(word: SoughtWord) -> tuple[str, ...]:
    """The stems of all forms of the word: «ребенк» and «дет» for «ребёнок»."""
    if not any("а" <= sign <= "я" for sign in word.word):
        return word.roots
    readings = [parse for parse in dictionary().parse(word.word) if parse.is_known and parse.score >= LIKELY]
    forms = {fold(form.word) for reading in readings for form in reading.lexeme}
    return tuple(sorted({*word.roots, *(stem(form, "russian") for form in forms)}))
