"""Fired entries: the outcome of activation, within the budget; pure code."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.books.conditions import Circumstances, LeftOut
from domain.books.entry import Entry


@dataclass(frozen=True)
class Fired:
    """An entry that fired, with its `text` in the prompt. `because` is the key as its author wrote it; empty if the
    entry is always there or stayed from before.
    """

    entry: Entry
    text: str
    because: str = ""
    by_entry: bool = False
    """Whether the key was found in the text of another entry, not in the messages."""
    stays: bool = False
    why: LeftOut | None = None
    """Reason that the entry is left out after all; None if it is in the prompt."""


@dataclass(frozen=True)
class Outcome:
    fired: list[Fired]
    """In the order of the prompt."""
    left_out: list[Fired]
    """Entries left out although a key fired or they are always there, the most important first."""


def within_budget(fired: list[Fired], left_out: list[Fired], now: Circumstances) -> Outcome:
    """Apply the budget. Entries get room by importance, those that give way last; what fits is returned in prompt
    order.
    """

    def importance(each: Fired) -> tuple[bool, bool, float, float, int]:
        entry = each.entry
        priority = entry.order if entry.priority is None else entry.priority
        return not entry.goes_first, entry.decorators.gives_way, -priority, -entry.order, entry.position

    fits: list[Fired] = []
    over: list[Fired] = []
    left = now.budget
    for each in sorted(fired, key=importance):
        length = len(each.text) + now.around.get(each.entry.place, 0)
        if length <= left:
            left -= length
            fits.append(each)
        else:
            over.append(replace(each, why=LeftOut.BUDGET))
    in_order = sorted(fits, key=lambda each: (each.entry.order, each.entry.position))
    return Outcome(in_order, sorted([*over, *left_out], key=importance))
