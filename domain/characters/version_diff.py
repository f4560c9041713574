"""Version differences: the changes between two states of a character, field by field; in texts, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any

from domain.characters.fields import FIELDS, CharacterField, Kind

SENTENCES = re.compile(r"[^.!?…\n]*[.!?…\n]+\s*|[^.!?…\n]+")
WORDS = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")
MOST_COMPARED = 3_000
"""Maximum sentences or words of a text that are compared; a longer text counts as changed entirely. Comparing takes
quadratic time for texts made to be slow: a fifth of a second at this length.
"""
SHORTEST_SAME = 3
"""Minimum characters of unchanged text between two changes; showing shorter pieces would look like confetti."""
AROUND = 120
"""Unchanged characters shown before and after a change."""


class Mark(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    LEFT_OUT = "left_out"
    """Unchanged text too far from any change to be shown."""


@dataclass(frozen=True)
class Piece:
    mark: Mark
    text: str


@dataclass(frozen=True)
class FieldChange:
    """`name` is the field's. The change of a text is in `pieces`; other values are whole, in `before` and `after`.
    `number` tells which of several texts it is, from 1.
    """

    name: str
    before: Any = None
    after: Any = None
    pieces: list[Piece] = field(default_factory=list)
    number: int | None = None


def changed_names(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Fields that are in both states and differ, in the order of the editor."""
    return [each.name for each in FIELDS if _differs(each, before, after)]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """The changes, in the order of the editor. May take a second for long texts: call it in a thread."""
    found: list[FieldChange] = []
    for each in FIELDS:
        if _differs(each, before, after):
            found += _of_field(each, before[each.name], after[each.name])
    return found


def _differs(each: CharacterField, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return each.name in before and each.name in after and before[each.name] != after[each.name]


def _of_field(each: CharacterField, before: Any, after: Any) -> Iterator[FieldChange]:
    if each.kind is Kind.TEXTS:
        for number, old, new in _paired(before, after):
            yield FieldChange(each.name, pieces=text_pieces(old, new), number=number)
    elif each.kind is Kind.WORDS:
        yield FieldChange(each.name, pieces=_of_words(before, after))
    elif each.kind in (Kind.LINE, Kind.TEXT):
        yield FieldChange(each.name, pieces=text_pieces(before, after))
    else:
        yield FieldChange(each.name, before, after)


def _paired(before: list[str], after: list[str]) -> Iterator[tuple[int, str, str]]:
    """The texts that differ, each with the old text at its place. The number is the current one, or the old one if the
    text is gone.
    """
    for kind, first, last, new_first, new_last in SequenceMatcher(None, before, after).get_opcodes():
        if kind == "equal":
            continue
        old, new = before[first:last], after[new_first:new_last]
        for place in range(max(len(old), len(new))):
            number = new_first + place if place < len(new) else first + place
            yield number + 1, old[place] if place < len(old) else "", new[place] if place < len(new) else ""


def _of_words(before: list[str], after: list[str]) -> list[Piece]:
    removed = [Piece(Mark.REMOVED, word) for word in before if word not in after]
    return [*removed, *(Piece(Mark.SAME if word in before else Mark.ADDED, word) for word in after)]


def text_pieces(before: str, after: str) -> list[Piece]:
    """Unchanged, removed and added words, in reading order. Long stretches without a change are left out."""
    pieces: list[Piece] = []
    for mark, old, new in _hunks(SENTENCES.findall(before), SENTENCES.findall(after)):
        if mark is Mark.SAME:
            pieces.append(Piece(mark, "".join(old)))
        else:
            pieces += _of_words_in("".join(old), "".join(new))
    return _shortened(_joined(pieces))


def _of_words_in(before: str, after: str) -> Iterator[Piece]:
    for mark, old, new in _hunks(WORDS.findall(before), WORDS.findall(after)):
        if mark is Mark.SAME:
            yield Piece(mark, "".join(old))
            continue
        if old:
            yield Piece(Mark.REMOVED, "".join(old))
        if new:
            yield Piece(Mark.ADDED, "".join(new))


def _hunks(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Mark, Sequence[str], Sequence[str]]]:
    if max(len(before), len(after)) > MOST_COMPARED:
        yield Mark.REMOVED, before, after
        return
    for kind, first, last, new_first, new_last in SequenceMatcher(None, before, after).get_opcodes():
        mark = Mark.SAME if kind == "equal" else Mark.REMOVED
        yield mark, before[first:last], after[new_first:new_last]


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Merge pieces: each change becomes one removed and one added piece, and absorbs crumbs between two changes."""
    runs = [(mark, "".join(each.text for each in run)) for mark, run in groupby(pieces, attrgetter("mark"))]
    joined: list[Piece] = []
    removed = added = ""
    for place, (mark, text) in enumerate(runs):
        is_between = 0 < place < len(runs) - 1
        if mark is Mark.SAME and not (is_between and len(text.strip()) < SHORTEST_SAME):
            joined += [*_change(removed, added), Piece(mark, text)]
            removed = added = ""
            continue
        removed += text if mark is not Mark.ADDED else ""
        added += text if mark is not Mark.REMOVED else ""
    return [*joined, *_change(removed, added)]


def _change(removed: str, added: str) -> list[Piece]:
    both = Piece(Mark.REMOVED, removed), Piece(Mark.ADDED, added)
    return [piece for piece in both if piece.text]


def _shortened(pieces: Sequence[Piece]) -> list[Piece]:
    shown: list[Piece] = []
    for place, piece in enumerate(pieces):
        before = AROUND if place else 0
        after = AROUND if place < len(pieces) - 1 else 0
        if piece.mark is not Mark.SAME or len(piece.text) <= before + after + AROUND:
            shown.append(piece)
            continue
        head, tail = piece.text[:before].rpartition(" ")[0], piece.text[len(piece.text) - after :].partition(" ")[2]
        shown += [Piece(Mark.SAME, head), Piece(Mark.LEFT_OUT, ""), Piece(Mark.SAME, tail)]
    return [piece for piece in shown if piece.text or piece.mark is Mark.LEFT_OUT]
