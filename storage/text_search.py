"""Case-insensitive text comparison: in Cyrillic too, and with ё as е, alike on both databases.

SQLite's own lower() knows only Latin letters. PostgreSQL's depends on the locale its cluster was created with, so the
Russian alphabet is spelled out for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Text, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

CAPITALS = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"


def fold(text: str) -> str:
    """The comparison form of `text`."""
    return text.lower().replace("ё", "е")


ENDING = "\x1f"
"""Separates the stem of a search word from its ending. It counts as white space, so no word contains it."""


def place_of(word: str, folded: str) -> int:
    """Index of the first place of a search word in a text that has been through `fold`; -1 if there is none.

    A word may stand anywhere, within others too. A word with `ENDING` after its stem is also found where
    another begins with that stem; within words the stem is not looked for: that of «место» is in «вместе».
    """
    stem, _, ending = word.partition(ENDING)
    places = [folded.find(stem + ending)]
    if ending:
        places.append(_beginning(stem, folded))
    return min((place for place in places if place >= 0), default=-1)


def _beginning(stem: str, folded: str) -> int:
    place = folded.find(stem)
    while place > 0 and _is_letter(folded[place - 1]):
        place = folded.find(stem, place + 1)
    return place


def _is_letter(sign: str) -> bool:
    return "a" <= sign <= "z" or "а" <= sign <= "я"  # as PostgreSQL's expression below


def _all_in(text: str, words: str) -> bool:
    folded = fold(text)
    return all(place_of(word, folded) >= 0 for word in words.split(" "))


SQLITE_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "folded": lambda text: None if text is None else fold(text),
    "holds_all": _all_in,
}
"""SQL functions registered on every SQLite connection (storage/sqlite.py)."""


class _Folded(FunctionElement[str]):
    name = "folded"
    type = Text()
    inherit_cache = True


@compiles(_Folded, "sqlite")
def _in_python(element: _Folded, compiler: SQLCompiler, **options: Any) -> str:
    return f"folded({compiler.process(element.clauses, **options)})"


@compiles(_Folded, "postgresql")
def _in_postgresql(element: _Folded, compiler: SQLCompiler, **options: Any) -> str:
    letters = f"'{CAPITALS}ё', '{fold(CAPITALS)}е'"
    return f"translate(lower({compiler.process(element.clauses, **options)}), {letters})"


class _HoldsAll(FunctionElement[bool]):
    name = "holds_all"
    type = Boolean()
    inherit_cache = True


@compiles(_HoldsAll, "sqlite")
def _each_in_python(element: _HoldsAll, compiler: SQLCompiler, **options: Any) -> str:
    return f"holds_all({compiler.process(element.clauses, **options)})"


@compiles(_HoldsAll, "postgresql")
def _each_within(element: _HoldsAll, compiler: SQLCompiler, **options: Any) -> str:
    text, words = element.clauses
    once = f"(SELECT {compiler.process(_Folded(text), **options)} AS whole OFFSET 0) AS folded"  # once, not per word
    each = f"unnest(string_to_array({compiler.process(words, **options)}, ' ')) AS word"
    typed = "position(translate(word, chr(31), '') IN whole) > 0"
    begun = "position(chr(31) IN word) > 0 AND whole ~ ('(?<![a-zа-я])' || split_part(word, chr(31), 1))"
    return f"(SELECT bool_and({typed} OR {begun}) FROM {once}, {each})"  # noqa: S608 - the words are bound


def holds_all(text: Any, words: Sequence[str]) -> ColumnElement[bool]:
    """Whether the column `text` contains each of the words, in the form of `fold`: it is folded once, not for each
    word.
    """
    return _HoldsAll(text, literal(" ".join(words)))


def begins(text: Any, word: str) -> ColumnElement[bool]:
    """Whether the column `text` begins with `word`, which is data here too (no wildcards)."""
    return _Folded(text).startswith(fold(word), autoescape=True)
