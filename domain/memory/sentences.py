"""Sentences and words of a text, as far as memory looks at them; pure code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*[»”\")]*")
"""Cut at every full stop, also at that of a shortened word: where it matters whether a sentence asks."""
_SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[»”\"')*_]*(?=\s|$)|(?=\n)|$)", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BEFORE_A_NAME = re.compile(r"[^\W_][,;]?\s+$|[(]$")
"""What stands before a word in the middle of a sentence: a word, perhaps a comma; not an opening quote or a dash."""


@dataclass(frozen=True)
class Word:
    """A word as it stands in a text, and folded as roots are made of it."""

    text: str
    is_inside: bool
    """It stands in the middle of a sentence, where only names are capitalised."""

    @property
    def folded(self) -> str:
        return self.text.lower().replace("ё", "е")

    @property
    def is_capitalised(self) -> bool:
        return self.text[0].isupper()


def sentences_of(text: str) -> list[str]:
    return [each.strip() for each in _SENTENCE.findall(text) if each.strip()]


def words_of(text: str) -> Iterator[Word]:
    for found in _WORD.finditer(text):
        before = text[max(0, found.start() - 5) : found.start()]
        yield Word(found[0], bool(_BEFORE_A_NAME.search(before)))


def numbers_of(text: str) -> set[str]:
    return set(re.findall(r"\d+", text))


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters: whole sentences from the beginning; of a first one that is longer, whole words."""
    if len(text) <= limit:
        return text
    kept = ""
    for sentence in sentences_of(text):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > limit:
            break
        kept = longer
    return kept or f"{text[: limit - 1].rpartition(' ')[0] or text[: limit - 1]}…"


def ends_kept(text: str, limit: int) -> str:
    """A text that is too long by its head and its tail."""
    if len(text) <= limit:
        return text
    half = (limit - 3) // 2
    return f"{text[:half].rstrip()} … {text[-half:].lstrip()}"
