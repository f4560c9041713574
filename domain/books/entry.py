"""A lorebook entry, compiled from a V3 entry, its decorators and SillyTavern's extensions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain
from typing import Any

from domain.books.decorators import BESIDE, NO_DECORATORS, Decorators, split_off
from domain.books.entry_json import SILLY_NUMBERS, stands_always, value_of
from domain.books.matching.keys import Key, read_key
from domain.llm.port import Role

HIGHEST_CHANCE = 100


class Logic(StrEnum):
    """The rule for secondary keys: those that must fire besides a key."""

    ANY = "any"
    NOT_ALL = "not all"
    NONE = "none"
    ALL = "all"


class Place(StrEnum):
    BEFORE = "before"  # before the character's description
    AFTER = "after"  # after the character's description
    AT_DEPTH = "at depth"  # this many messages before the end


LOGICS = (Logic.ANY, Logic.NOT_ALL, Logic.NONE, Logic.ALL)
"""Indexed by SillyTavern's number."""
SILLY_AT_DEPTH = 4
SILLY_PLACES: Mapping[float, Place] = {0: Place.BEFORE, 1: Place.AFTER}
"""By SillyTavern's number, which takes precedence over the words of the specification."""
ROLES = (Role.SYSTEM, Role.USER, Role.ASSISTANT)
"""Indexed by SillyTavern's number."""
USUAL_DEPTH = 4
USUAL_WEIGHT = 100


@dataclass(frozen=True)
class Entry:
    """`number` identifies the entry in traces, even after others are moved. Depths and durations are counted in
    messages; a duration of 0 means none.
    """

    number: int
    keys: tuple[Key, ...]
    secondary_keys: tuple[Key, ...] = ()
    content: str = ""
    title: str = ""
    is_on: bool = True
    is_constant: bool = False
    is_case_sensitive: bool = False
    whole_words: bool = True
    logic: Logic = Logic.ANY
    scan_depth: int | None = None
    place: Place = Place.BEFORE
    depth: int = USUAL_DEPTH
    depth_from_start: int | None = None
    """Takes precedence over `depth`, which counts from the end."""
    role: Role = Role.SYSTEM
    order: float = 0
    priority: float | None = None
    chance: float = HIGHEST_CHANCE
    sticky: int = 0
    cooldown: int = 0
    delay: int = 0
    group: str = ""
    """Names of its groups, separated by commas; only one entry of each fires."""
    wins_by_order: bool = False
    """Whether the highest order wins in its groups, instead of chance."""
    weight: float = USUAL_WEIGHT
    is_found_by_entries: bool = True
    """Whether it fires on the text of other entries, in a book that scans it (recursion)."""
    finds_entries: bool = True
    only_by_entries: bool = False
    goes_first: bool = False
    """Whether it gets room in the budget before all other entries."""
    decorators: Decorators = NO_DECORATORS
    position: int = 0
    """Its position in the book."""
    elsewhere: Mapping[str, Any] = field(default_factory=dict)
    """Its place if a decorator puts it beside a part of the prompt that is missing there."""

    def among(self, fields: Collection[str]) -> Entry:
        """The entry in a prompt that has these fields of the character. A position beside a missing field is ignored,
        as V3 demands.
        """
        if self.decorators.position not in BESIDE or self.decorators.position in fields:
            return self
        return replace(self, decorators=replace(self.decorators, position=""), **self.elsewhere)

    @property
    def groups(self) -> list[str]:
        return [name.strip() for name in self.group.split(",") if name.strip()]

    @property
    def looks_back(self) -> bool:
        """Whether it matters if it fired before."""
        return bool(self.sticky or self.cooldown or self.decorators.stays or self.decorators.fires_once)


def read_entry(
    found: Mapping[str, Any], number: int, position: int | None = None, make: Callable[..., Key] = read_key
) -> Entry:
    """Compile an entry of a V3 book (domain/books/book_forms.py). Keys consult the dictionary: call it in a thread."""
    decorators, content = split_off(found["content"])
    fields = fields_of(found, decorators)
    is_expression = found["use_regex"]
    keys = found["keys"]
    if is_expression:  # V3: additional keys are expressions, too, and excluded ones are ignored
        keys = [*keys, *chain.from_iterable(decorators.also_needed)]
        decorators = replace(decorators, also_needed=(), excluded=())
    uses_secondary = found.get("selective") is True and not is_expression

    def ready(keys: list[str]) -> tuple[Key, ...]:
        return tuple(
            make(
                key,
                is_case_sensitive=fields["is_case_sensitive"],
                is_expression=is_expression,
                whole_words=fields["whole_words"],
            )
            for key in keys
            if key.strip()
        )

    return Entry(
        number=number,
        keys=ready(keys),
        secondary_keys=ready(found.get("secondary_keys", [])) if uses_secondary else (),
        content=content,
        title=str(found.get("name") or found.get("comment") or ""),
        is_on=found["enabled"],
        decorators=decorators,
        wins_by_order=value_of(found, "wins_by_order") is True,
        goes_first=value_of(found, "gives_way_never") is True,
        position=number if position is None else position,
        elsewhere=_place(found, replace(decorators, position="")) if decorators.position in BESIDE else {},
        **fields | {"is_constant": stands_always(found)},
    )


def fields_of(found: Mapping[str, Any], decorators: Decorators = NO_DECORATORS) -> dict[str, Any]:
    """The fields of an entry besides its keys and content. Decorators take precedence."""
    whole_words = value_of(found, "whole_words")
    return {
        "is_constant": found.get("constant") is True,
        "is_case_sensitive": value_of(found, "is_case_sensitive") is True,
        "whole_words": whole_words is not False,
        "logic": _of(LOGICS, value_of(found, "logic"), Logic.ANY),
        "scan_depth": _whole(value_of(found, "scan_depth")) if decorators.scan_depth is None else decorators.scan_depth,
        **_place(found, decorators),
        "order": found["insertion_order"],
        "priority": _number(found.get("priority")),
        "chance": _chance(found),
        "sticky": _whole(value_of(found, "sticky")) or 0,
        "cooldown": _whole(value_of(found, "cooldown")) or 0,
        "delay": _whole(value_of(found, "delay")) or 0,
        "group": str(value_of(found, "group") or ""),
        "weight": _weight(found),
        "is_found_by_entries": value_of(found, "is_deaf_to_entries") is not True,
        "finds_entries": value_of(found, "is_mute_to_entries") is not True,
        "only_by_entries": bool(value_of(found, "only_by_entries")),
    }


def _place(found: Mapping[str, Any], decorators: Decorators) -> dict[str, Any]:
    """Decorators take precedence, then SillyTavern's number, then the two words of the specification."""
    usual_depth = _whole(value_of(found, "depth"))
    is_after = found.get("position") == "after_char" or found.get("position") in SILLY_NUMBERS
    at = {
        "place": Place.AFTER if is_after else Place.BEFORE,
        "depth": USUAL_DEPTH if usual_depth is None else usual_depth,
        "role": decorators.role or _of(ROLES, value_of(found, "role"), Role.SYSTEM),
    }
    number = _number(value_of(found, "silly_position"))
    if decorators.position:
        at["place"] = Place.BEFORE if decorators.position == "before_desc" else Place.AFTER
    elif decorators.depth is not None:
        at |= {"place": Place.AT_DEPTH, "depth": decorators.depth}
    elif decorators.depth_from_start is not None:
        at |= {"place": Place.AT_DEPTH, "depth_from_start": decorators.depth_from_start}
    elif SILLY_AT_DEPTH in (number, found.get("position")):
        at["place"] = Place.AT_DEPTH
    elif number is not None and number in SILLY_PLACES:
        at["place"] = SILLY_PLACES[number]
    return at


def _chance(found: Mapping[str, Any]) -> float:
    chance = _number(value_of(found, "chance"))
    return HIGHEST_CHANCE if chance is None or value_of(found, "uses_chance") is False else chance


def _weight(found: Mapping[str, Any]) -> float:
    weight = _number(value_of(found, "weight"))
    return USUAL_WEIGHT if weight is None else weight


def _of(choices: tuple[Any, ...], number: Any, usual: Any) -> Any:
    is_one = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < len(choices)
    return choices[number] if is_one else usual


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None or number < 0 else int(number)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and abs(value) < 2**31 else None
