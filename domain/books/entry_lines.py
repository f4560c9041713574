"""Entries as lines of a table: light, searchable, and read a page at a time. The slow parts run in a thread."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.books.decorators import split_off
from domain.books.entry import Place, fields_of
from domain.books.entry_flaws import Flaw, flaw_of
from domain.books.entry_json import stands_always
from storage.text_search import fold

EXCERPT = 160


@dataclass(frozen=True)
class EntryLine:
    id: int
    position: int
    """Its index among the entries of the book, from 0."""
    is_on: bool
    title: str
    keys: str
    """Its keys joined by commas, cut to what fits."""
    excerpt: str
    is_constant: bool
    order: float
    place: Place
    depth: int
    tokens: int
    flaw: Flaw | None = None
    """Reason that the entry, or one of its keys, never fires."""


@dataclass(frozen=True)
class EntryLines:
    """A page of lines. `found` counts the entries that contain the words, on all pages."""

    lines: list[EntryLine]
    found: int
    entries: int
    revision: int


@dataclass(frozen=True)
class StoredLine:
    """The columns of an entry."""

    id: int
    is_on: bool
    title: str
    keys: str
    tokens: int
    entry: str


def page_of(rows: Sequence[StoredLine], offset: int) -> list[EntryLine]:
    """The lines for rows that are one page already, the first at position `offset`."""
    return [_line(row, offset + place) for place, row in enumerate(rows)]


def found_among(rows: Sequence[StoredLine], search: str, offset: int, limit: int) -> tuple[list[EntryLine], int]:
    """A page of the rows that contain all the words, and the number of such rows."""
    words = fold(search).split()
    found = [place for place, row in enumerate(rows) if _holds(row, words)]
    return [_line(rows[place], place) for place in found[offset : offset + limit]], len(found)


def _holds(row: StoredLine, words: Iterable[str]) -> bool:
    """Whether the entry's title, keys, comment and content contain all the words, in any place."""
    entry = json.loads(row.entry)
    told = (row.title, *entry["keys"], *entry.get("secondary_keys", ()), str(entry.get("comment") or ""))
    text = fold("\n".join((*told, entry["content"])))
    return all(word in text for word in words)


def _line(row: StoredLine, position: int) -> EntryLine:
    entry: dict[str, Any] = json.loads(row.entry)
    decorators, content = split_off(entry["content"])
    fields = fields_of(entry, decorators)
    return EntryLine(
        id=row.id,
        position=position,
        is_on=row.is_on,
        title=row.title,
        keys=row.keys,
        excerpt=" ".join(content[: 2 * EXCERPT].split())[:EXCERPT],
        is_constant=stands_always(entry),
        order=fields["order"],
        place=fields["place"],
        depth=fields["depth"],
        tokens=row.tokens,
        flaw=flaw_of(entry, decorators),
    )
