"""Capacity of a book, whichever way its entries come in; pure code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from itertools import chain
from typing import Any, Self

from domain.books.decorators import split_off
from domain.books.matching.book_keys import MOST_KEYS
from domain.errors import Invalid
from domain.llm.token_estimates import tokens_of

MOST_ENTRIES = 5_000
LONGEST_BOOK = 4_000_000
"""Maximum tokens of a book, about as many as a file may bring."""


@dataclass(frozen=True)
class Amount:
    """Numbers of entries, keys and tokens. All keys count, including those of decorators."""

    entries: int = 0
    keys: int = 0
    tokens: int = 0

    def __add__(self, more: Amount) -> Amount:
        return Amount(*map(sum, zip(astuple(self), astuple(more), strict=True)))

    def __sub__(self, less: Amount) -> Amount:
        return Amount(self.entries - less.entries, self.keys - less.keys, self.tokens - less.tokens)

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Self:
        """The amount of one V3 entry."""
        decorators, content = split_off(entry["content"])
        others = chain.from_iterable((*decorators.also_needed, decorators.excluded))
        keys = len(entry["keys"]) + len(entry.get("secondary_keys") or ()) + sum(1 for _key in others)
        return cls(1, keys, tokens_of(content))

    @property
    def fits(self) -> bool:
        return self.entries <= MOST_ENTRIES and self.keys <= MOST_KEYS and self.tokens <= LONGEST_BOOK


def check_room(there: Amount, more: Amount) -> None:
    """Raise `Invalid` if a book that holds `there` has no room for `more`. A change that adds nothing is allowed, even
    in a book beyond the limits.
    """
    all_in_all = there + more
    if more.entries > 0 and all_in_all.entries > MOST_ENTRIES:
        raise Invalid("At most {limit} entries.", limit=MOST_ENTRIES)
    if more.tokens > 0 and all_in_all.tokens > LONGEST_BOOK:
        raise Invalid(
            "This book is too large to grow further. Move some of its entries to a separate world.", field="content"
        )
    if more.keys > 0 and all_in_all.keys > MOST_KEYS:
        raise Invalid(
            "A book can have at most {limit} keys. Move some of its entries to a separate world.",
            field="keys",
            limit=MOST_KEYS,
        )


def fitting(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries of a file for which there is room, in their order."""
    there, kept = Amount(), list[dict[str, Any]]()
    for entry in entries:
        grown = there + Amount.of(entry)
        if grown.fits:
            there = grown
            kept.append(entry)
        elif len(kept) == MOST_ENTRIES:
            break
    return kept
