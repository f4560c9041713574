"""An entry of a lorebook, made ready: what a V3 entry, its decorators and SillyTavern's extensions say together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.books.decorators import Decorators, split_off
from domain.books.keys import Key, read_key
from domain.llm.port import Role

HIGHEST_CHANCE = 100


class Logic(StrEnum):
    """Which of the secondary keys must fire beside a key."""

    ANY = "any"
    NOT_ALL = "not all"
    NONE = "none"
    ALL = "all"


class Place(StrEnum):
    BEFORE = "before"  # before the character's description
    AFTER = "after"  # after it
    PERSONALITY = "personality"  # after the character's personality
    SCENARIO = "scenario"  # after the scenario
    AT_DEPTH = "at depth"  # so many messages before the end


PLACES = {
    "before_desc": Place.BEFORE,
    "after_desc": Place.AFTER,
    "personality": Place.PERSONALITY,
    "scenario": Place.SCENARIO,
}
"""By the decorator's word."""
LOGICS = (Logic.ANY, Logic.NOT_ALL, Logic.NONE, Logic.ALL)
"""By SillyTavern's number."""
SILLY_AT_DEPTH = 4
ROLES = (Role.SYSTEM, Role.USER, Role.ASSISTANT)
"""By SillyTavern's number."""
USUAL_DEPTH = 4


@dataclass(frozen=True)
class Entry:
    """`number` is what a trace knows it by, which stays when others are moved. Depths and terms are counted in
    messages; terms of 0 are none.
    """

    number: int
    keys: tuple[Key, ...]
    secondary_keys: tuple[Key, ...] = ()
    content: str = ""
    title: str = ""
    is_on: bool = True
    is_constant: bool = False
    logic: Logic = Logic.ANY
    scan_depth: int | None = None
    place: Place = Place.BEFORE
    depth: int = USUAL_DEPTH
    role: Role = Role.SYSTEM
    order: float = 0
    priority: float | None = None
    chance: float = HIGHEST_CHANCE
    sticky: int = 0
    cooldown: int = 0
    delay: int = 0
    group: str = ""
    weight: float = 100
    is_found_by_entries: bool = True
    """Whether what other entries say makes it fire, in a book that looks there (recursion)."""
    finds_entries: bool = True
    only_by_entries: bool = False
    decorators: Decorators = field(default_factory=Decorators)
    position: int = 0
    """Its place in the book."""

    @property
    def looks_back(self) -> bool:
        """Whether it matters that it fired before."""
        return bool(self.sticky or self.cooldown or self.decorators.stays or self.decorators.fires_once)


def read_entry(found: Mapping[str, Any], number: int, position: int | None = None) -> Entry:
    """The entry of a V3 book (domain/books/book_forms.py). Making keys ready asks a dictionary: in a thread."""
    more = found["extensions"]
    decorators, content = split_off(found["content"])
    is_expression = found["use_regex"]
    is_case_sensitive = (found.get("case_sensitive") or more.get("case_sensitive")) is True

    def ready(keys: list[str]) -> tuple[Key, ...]:
        return tuple(
            read_key(key, is_case_sensitive=is_case_sensitive, is_expression=is_expression)
            for key in keys
            if key.strip()
        )

    is_selective = found.get("selective") is not False and not is_expression
    return Entry(
        number=number,
        keys=ready(found["keys"]),
        secondary_keys=ready(found.get("secondary_keys", [])) if is_selective else (),
        content=content,
        title=str(found.get("name") or found.get("comment") or ""),
        is_on=found["enabled"],
        is_constant=found.get("constant") is True and not is_expression,
        logic=_of(LOGICS, more.get("selectiveLogic"), Logic.ANY),
        scan_depth=decorators.scan_depth if decorators.scan_depth is not None else _whole(more.get("scan_depth")),
        **_place(found, decorators),
        order=found["insertion_order"],
        priority=_number(found.get("priority")),
        chance=_chance(more),
        sticky=_whole(more.get("sticky")) or 0,
        cooldown=_whole(more.get("cooldown")) or 0,
        delay=_whole(more.get("delay")) or 0,
        group=str(more.get("group") or ""),
        weight=_number(more.get("group_weight")) or 100,
        is_found_by_entries=more.get("exclude_recursion") is not True,
        finds_entries=more.get("prevent_recursion") is not True,
        only_by_entries=bool(more.get("delay_until_recursion")),
        decorators=decorators,
        position=number if position is None else position,
    )


def _place(found: Mapping[str, Any], decorators: Decorators) -> dict[str, Any]:
    """Decorators first, then SillyTavern's number, then the two words of the specification."""
    more = found["extensions"]
    role = decorators.role or _of(ROLES, more.get("role"), Role.SYSTEM)
    if decorators.position:
        return {"place": PLACES[decorators.position], "role": role}
    if decorators.depth is not None:
        return {"place": Place.AT_DEPTH, "depth": decorators.depth, "role": role}
    if SILLY_AT_DEPTH in (more.get("position"), found.get("position")):
        depth = _whole(more.get("depth", found.get("depth")))
        return {"place": Place.AT_DEPTH, "depth": USUAL_DEPTH if depth is None else depth, "role": role}
    return {"place": Place.AFTER if found.get("position") == "after_char" else Place.BEFORE, "role": role}


def _chance(more: Mapping[str, Any]) -> float:
    chance = _number(more.get("probability"))
    return HIGHEST_CHANCE if chance is None or more.get("useProbability") is False else chance


def _of(choices: tuple[Any, ...], number: Any, usual: Any) -> Any:
    is_one = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < len(choices)
    return choices[number] if is_one else usual


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None or number < 0 else int(number)


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and abs(value) < 2**31 else None
