"""Choices that a person makes in the preview of a card besides its fields: which entries of its book are on."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace

from domain.books.book_rows import BookRows, EntryRow


def with_turned(book: BookRows, places: Collection[int]) -> BookRows:
    """The book with the entries at these positions switched: on if they are off, and off if they are on."""
    chosen = frozenset(places)
    return replace(
        book, entries=[_turned(each) if place in chosen else each for place, each in enumerate(book.entries)]
    )


def _turned(row: EntryRow) -> EntryRow:
    entry = json.loads(row.entry) | {"enabled": not row.is_on}
    return replace(row, is_on=not row.is_on, entry=json.dumps(entry, ensure_ascii=False))
