"""Earlier firings on a path, for the conditions that depend on them (sticky, cooldown, once); pure code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.books.entry import Entry


@dataclass(frozen=True)
class Trace:
    """The entries in the prompt of an earlier reply (`Message.lore`), and the path's count of messages then."""

    messages: int
    lore: list[list[Any]]


def fired_before(entries: Iterable[Entry], traces: Iterable[Trace]) -> dict[int, int]:
    """For each of these entries that fired, by number: the count of messages when it last fired. An entry that only
    stayed did not fire again, or it would stay for ever. `traces` are given oldest first.
    """
    found: dict[int, int] = {}
    by_number = {entry.number: entry for entry in entries}
    for trace in traces:
        for number, because, *_by_entry in trace.lore:
            entry = by_number.get(number)
            if entry and (because or entry.is_constant or entry.decorators.stays or entry.decorators.is_forced):
                found[number] = trace.messages
    return found
