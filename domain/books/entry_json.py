"""Field mapping of an entry's JSON: the places where each value may be. There are three conventions: V3's own fields,
SillyTavern's cards (in `extensions`), and its world files (beside the other fields, in camel case).

Reading takes the first place that holds a value. Writing changes all places that exist already, or else the first one:
whatever program the entry came from will read the change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Path = tuple[str, ...]


def _extension(name: str, in_a_world: str = "") -> tuple[Path, ...]:
    return (("extensions", name), (in_a_world or name,))


PLACES: dict[str, tuple[Path, ...]] = {
    "keys": (("keys",),),
    "secondary_keys": (("secondary_keys",),),
    "is_selective": (("selective",),),
    "logic": _extension("selectiveLogic"),
    "is_on": (("enabled",),),
    "is_constant": (("constant",),),
    "is_expression": (("use_regex",),),
    "is_case_sensitive": (("case_sensitive",), ("extensions", "case_sensitive"), ("caseSensitive",)),
    "whole_words": _extension("match_whole_words", "matchWholeWords"),
    "scan_depth": _extension("scan_depth", "scanDepth"),
    "position": (("position",),),
    "silly_position": (("extensions", "position"),),
    "depth": _extension("depth"),
    "role": _extension("role"),
    "order": (("insertion_order",),),
    "priority": (("priority",),),
    "chance": _extension("probability"),
    "uses_chance": _extension("useProbability"),
    "sticky": _extension("sticky"),
    "cooldown": _extension("cooldown"),
    "delay": _extension("delay"),
    "group": _extension("group"),
    "wins_by_order": _extension("group_override", "groupOverride"),
    "weight": _extension("group_weight", "groupWeight"),
    "is_deaf_to_entries": _extension("exclude_recursion", "excludeRecursion"),
    "is_mute_to_entries": _extension("prevent_recursion", "preventRecursion"),
    "only_by_entries": _extension("delay_until_recursion", "delayUntilRecursion"),
    "gives_way_never": _extension("ignore_budget", "ignoreBudget"),
    "title": (("name",),),
    "comment": (("comment",),),
    "content": (("content",),),
}

SILLY_NUMBERS = range(2, 8)
"""SillyTavern's numbers of places for which the specification has no word; its cards give them the word for "after".
The other two numbers were turned into words (domain/books/book_forms.py).
"""
ONLY_IN_A_WORLD = {
    *("addMemo", "automationId", "characterFilter", "delayUntilRecursion", "displayIndex", "excludeRecursion"),
    *("groupOverride", "groupWeight", "ignoreBudget", "matchWholeWords", "preventRecursion", "scanDepth"),
    *("selectiveLogic", "useGroupScoring", "useProbability"),
}
"""Fields that no card has at the top level of an entry. An entry with one of them came from a SillyTavern world file.
"""
IN_EXTENSIONS = {
    *(*ONLY_IN_A_WORLD - {"addMemo", "characterFilter"}, "case_sensitive", "cooldown", "delay", "depth", "group"),
    *("matchCharacterDepthPrompt", "matchCharacterDescription", "matchCharacterPersonality", "matchCreatorNotes"),
    *("matchPersonaDescription", "matchScenario", "outletName", "probability", "role", "sticky", "triggers"),
    "vectorized",
}
AS_IN_A_WORLD = {"selectiveLogic", "useProbability"}
"""Fields with the same name in cards."""
OF_THE_SPECIFICATION = {"case_sensitive"}
"""Fields that also stay at the top level."""


def as_in_a_card(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entry as programs that read cards expect it. An entry of a world file gets its extra fields where SillyTavern
    puts them in a card; any other is returned as it is.
    """
    has_number = entry.get("position") in SILLY_NUMBERS
    if not has_number and ONLY_IN_A_WORLD.isdisjoint(entry):
        return entry
    extras = {_in_extensions(name): value for name, value in entry.items() if name in IN_EXTENSIONS}
    kept = {name: value for name, value in entry.items() if name not in IN_EXTENSIONS - OF_THE_SPECIFICATION}
    if has_number:
        extras["position"], kept["position"] = entry["position"], "after_char"
    said_there = {name: value for name, value in entry["extensions"].items() if value is not None or name not in extras}
    return kept | {"extensions": extras | said_there}


def _in_extensions(name: str) -> str:
    return name if name in AS_IN_A_WORLD else re.sub(r"(?=[A-Z])", "_", name).lower()


def value_of(entry: Mapping[str, Any], what: str) -> Any:
    """The entry's value for a field, by its name in `PLACES`; None if it has none."""
    for path in PLACES[what]:
        value = _at(entry, path)
        if value is not None:
            return value
    return None


def stands_always(entry: Mapping[str, Any]) -> bool:
    """Whether it is in every prompt. An entry whose keys are regular expressions depends on them all the same (V3)."""
    return value_of(entry, "is_constant") is True and not value_of(entry, "is_expression")


def write(entry: dict[str, Any], what: str, value: Any) -> None:
    """Change a value wherever it is held. The caller must own the entry and its `extensions`."""
    places = [path for path in PLACES[what] if _has(entry, path)] or PLACES[what][:1]
    for path in places:
        _holder(entry, path)[path[-1]] = value


def _at(entry: Mapping[str, Any], path: Path) -> Any:
    return _holder(entry, path).get(path[-1])


def _has(entry: Mapping[str, Any], path: Path) -> bool:
    return path[-1] in _holder(entry, path)


def _holder(entry: Any, path: Path) -> Any:
    return entry[path[0]] if len(path) > 1 else entry
