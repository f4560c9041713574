"""Faults of keys: reasons that a key never fires, or only part of it counts. Fast: no dictionary is consulted."""

from __future__ import annotations

from dataclasses import dataclass

from domain.books.matching.expressions import expression_in, fault_of
from domain.books.matching.keys import LONGEST_KEY, has_something_to_find
from domain.language import N_

EMPTY = N_("One of the keys is empty.")
NO_WORD = N_("Key “{key}” has neither letters nor digits, so it never fires.")
CUT_OFF = N_("Key “{key}” is longer than {limit} characters: the rest of it is ignored.")
SHOWN_OF_A_KEY = 60


@dataclass(frozen=True)
class KeyFault:
    """`text` is a message of the catalogue, with placeholders for the key, its faulty part and a limit."""

    text: str
    key: str
    part: str = ""
    limit: int = 0

    @property
    def values(self) -> dict[str, object]:
        return {"key": self.key, "part": self.part, "limit": self.limit}


def key_fault(key: str, *, is_expression: bool = False, whole_words: bool = True) -> KeyFault | None:
    """The fault in a key as its author wrote it; None if there is none."""
    shown = key.strip()[:SHOWN_OF_A_KEY]
    if not shown:
        return KeyFault(EMPTY, shown)
    if expression := expression_in(key, is_expression=is_expression):
        fault = fault_of(expression)
        return KeyFault(fault.text, shown, fault.part) if fault else None
    if not has_something_to_find(key, whole_words=whole_words):
        return KeyFault(NO_WORD, shown)
    return KeyFault(CUT_OFF, shown, limit=LONGEST_KEY) if len(key.strip()) > LONGEST_KEY else None
