"""What fired before on a path, as terms of entries count it (sticky, cooldown, once); pure code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.books.entry import Entry


@dataclass(frozen=True)
class Trace:
    """What stood in the prompt of an earlier reply (`Message.lore`), when the path had so many messages."""

    messages: int
    lore: list[list[Any]]


def fired_before(entries: Iterable[Entry], traces: Iterable[Trace]) -> dict[int, int]:
    """For each of these entries that fired, by its number, at how many messages that was the last time. One that only
    stayed did not fire anew: else it would stay for ever. `traces`: the oldest first.
    """
    found: dict[int, int] = {}
    by_number = {entry.number: entry for entry in entries}
    for trace in traces:
        for number, because, *_by_entry in trace.lore:
            entry = by_number.get(number)
            if entry and (because or entry.is_constant or entry.decorators.stays or entry.decorators.is_forced):
                found[number] = trace.messages
    return found
