"""Flaws of entries: reasons that an entry or one of its keys can never fire, told before its author waits in vain; pure
code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from domain.books.decorators import Decorators, split_off
from domain.books.entry_json import stands_always, value_of
from domain.books.matching.key_faults import EMPTY, key_fault
from domain.language import N_

MOST_LOOKED_AT = 50
"""Maximum keys of an entry that are checked: a file may bring thousands, each of them an expression to compile."""
NO_KEYS = N_("It has no keys and isn't always in the prompt, so it never fires.")
ONLY_ADDITIONAL = N_("It has additional keys but no trigger keys, so it never fires.")


@dataclass(frozen=True)
class Flaw:
    """`text` is a message of the catalogue, and `values` fills its placeholders."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)


def flaw_of(entry: Mapping[str, Any], decorators: Decorators | None = None) -> Flaw | None:
    """The worst flaw in the keys of a V3 entry; None if there is none. An entry that is always in the prompt needs no
    keys.
    """
    decorators = decorators or split_off(entry["content"])[0]
    if decorators.is_forced or stands_always(entry):
        return None
    is_expression = entry["use_regex"]
    additional = entry.get("secondary_keys") or [] if entry.get("selective") is True and not is_expression else []
    keys = [*entry["keys"], *(chain.from_iterable(decorators.also_needed) if is_expression else ())]
    if not any(key.strip() for key in keys):
        return Flaw(ONLY_ADDITIONAL if any(key.strip() for key in additional) else NO_KEYS)
    whole_words = value_of(entry, "whole_words") is not False
    return _worst_of([*keys, *additional][:MOST_LOOKED_AT], is_expression=is_expression, whole_words=whole_words)


def _worst_of(keys: Iterable[str], **how: bool) -> Flaw | None:
    """An empty key is the least fault: the other keys work without it."""
    faults = [fault for fault in (key_fault(key, **how) for key in keys) if fault]
    worst = min(faults, key=lambda fault: fault.text == EMPTY, default=None)
    return Flaw(worst.text, worst.values) if worst else None
