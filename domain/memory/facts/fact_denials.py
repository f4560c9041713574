"""Fact denials: whether a fact affirms what its message denies, or denies what it affirms; pure code.

«Не люблю рыбу, люблю мясо» contains all the words of «любит рыбу», so negation is compared clause by clause.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.memory.facts.fact_words import roots_of_word, tokens

CLAUSE = re.compile(r"[.,;:!?…\n—–()«»\"]+|\s(?:а|но|зато|but|while)\s", re.IGNORECASE)
OF_THE_NEXT_WORD = frozenset({"не", "ни", "без", "not", "cannot", "without"})
OF_THE_CLAUSE = frozenset({"нет", "никогда", "нельзя", "никого", "ничего", "no", "never", "none"})


@dataclass(frozen=True)
class _Clause:
    words: tuple[frozenset[str], ...]
    denied: tuple[frozenset[str], ...]
    is_denial: bool

    def denies(self, words: Sequence[frozenset[str]]) -> bool:
        return self.is_denial or any(each & word for each in self.denied for word in words)

    def shared(self, words: Sequence[frozenset[str]]) -> int:
        return sum(1 for word in words if any(word & each for each in self.words))


def is_turned_round(fact: str, source: str) -> bool:
    """Whether some clause of the fact affirms what the source denies, or denies what it affirms."""
    return any(_is_turned_round(each, _clauses(source)) for each in _clauses(fact))


def _is_turned_round(stated: _Clause, source: Sequence[_Clause]) -> bool:
    """A source clause that has every shared word decides. If there is none, no clause that has any may disagree."""
    near = [each for each in source if each.shared(stated.words)]
    agreeing = [each.denies(stated.words) == stated.denies(stated.words) for each in near]
    all_of_them = sum(1 for word in stated.words if any(word & each for clause in near for each in clause.words))
    if whole := [
        agrees for each, agrees in zip(near, agreeing, strict=True) if each.shared(stated.words) == all_of_them
    ]:
        return not any(whole)
    return not all(agreeing)


@lru_cache(maxsize=512)
def _clauses(text: str) -> tuple[_Clause, ...]:
    return tuple(clause for part in CLAUSE.split(text) if (clause := _read(part)).words)


def _read(part: str) -> _Clause:
    words: list[frozenset[str]] = []
    denied: list[frozenset[str]] = []
    is_denial = is_next_denied = False
    for word in tokens(part):
        is_denial = is_denial or word in OF_THE_CLAUSE
        is_next_denied = is_next_denied or word in OF_THE_NEXT_WORD or word.endswith("n't")
        if roots := roots_of_word(word):
            words.append(roots)
            denied += [roots] if is_next_denied else []
            is_next_denied = False
    return _Clause(tuple(words), tuple(denied), is_denial or is_next_denied)  # «терпеть не могу»
