"""Demo model, sentences: what has been said already, whatever forms it was said in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import product

from domain.macros.forms import FEMALE, MALE, Agreement
from domain.macros.meanings import filled

PLACE = re.compile(r"{\w+}")
"""Placeholder of a line for a name, or for a word of the person's."""
GAP = "\0"
SHORTEST = 2
"""Minimum words of a sentence that is remembered as said: «Да.» may be repeated."""


class Said:
    """The sentences of the latest replies."""

    def __init__(self, replies: Iterable[str]) -> None:
        self._sentences = frozenset(each for reply in replies for each in sentences(reply))
        self._text = "|".join(self._sentences)

    def is_fresh(self, line: str) -> bool:
        """Whether none of its sentences has been said, in whatever form."""
        return not any(self._has(each) for each in forms_of(line))

    def has_of(self, line: str) -> bool:
        return not self.is_fresh(line)

    def _has(self, sentence: str) -> bool:
        if GAP not in sentence:
            return sentence in self._sentences
        fixed = max((part.strip() for part in sentence.split(GAP)), key=len)
        return len(fixed.split()) >= SHORTEST and fixed in self._text


def sentences(text: str) -> list[str]:
    """The sentences of a text as words without punctuation; an action is a sentence of its own."""
    parts = re.split(r"(?<=[.!?…])[»”\"]*\s+|[*\n]+", text)
    found = (" ".join(re.findall(rf"[^\W_]+|{GAP}", part.lower())) for part in parts)
    return [each for each in found if len(each.split()) >= SHORTEST]


@lru_cache(maxsize=8_192)
def forms_of(line: str) -> frozenset[str]:
    """The sentences of a line in all its forms."""
    with_gaps = PLACE.sub(GAP, line.replace("{{", "\1")).replace("\1", "{{") if "{" in line else line
    if "{{" not in line:
        return frozenset(sentences(with_gaps))
    agreements = (Agreement(*each) for each in product((MALE, FEMALE, ""), (MALE, FEMALE, ""), (True, False)))
    return frozenset(each for agreement in agreements for each in sentences(filled(with_gaps, {}, agreement)))
