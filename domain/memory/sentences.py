"""Sentences and words of a text, as memory needs them; pure code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*[»”\")]*")
"""Splits at every full stop, even after an abbreviation: good enough to tell questions from statements."""
_SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[»”\"')*_]*(?=\s|$)|(?=\n)|$)", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BEFORE_A_NAME = re.compile(r"[^\W_][,;]?\s+$|[(]$")
"""What precedes a word inside a sentence: another word and perhaps a comma, not an opening quote or a dash."""


@dataclass(frozen=True)
class Word:
    """A word as it is written in a text; `folded` is the form from which roots are made."""

    text: str
    is_inside: bool
    """Whether it is in the middle of a sentence, where only names are capitalised."""

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
    """At most `limit` characters of the text: whole sentences from its beginning, or whole words if the first sentence
    is too long.
    """
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
    """The text, or the beginning and the end of one that is longer than `limit`."""
    if len(text) <= limit:
        return text
    half = (limit - 3) // 2
    return f"{text[:half].rstrip()} … {text[-half:].lstrip()}"
