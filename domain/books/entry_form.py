"""The form of an entry: everything that can be edited, read from the entry's JSON and written back into it.

What is not edited stays as it was written, unknown fields included.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import Any

from domain.books.entry import (
    HIGHEST_CHANCE,
    LOGICS,
    ROLES,
    SILLY_AT_DEPTH,
    USUAL_DEPTH,
    USUAL_WEIGHT,
    Logic,
    Place,
    fields_of,
)
from domain.books.entry_json import value_of, write
from domain.llm.port import Role

USUAL_ORDER = 100
PLAIN = (
    *("keys", "secondary_keys", "is_selective", "is_on", "is_constant", "is_expression", "is_case_sensitive"),
    *("whole_words", "scan_depth", "order", "priority", "sticky", "cooldown", "delay", "group", "weight"),
    *("only_by_entries", "title", "comment", "content"),
)
"""Fields that are stored just as they are in the form."""


@dataclass(frozen=True)
class EntryForm:
    """Defaults are those of a new entry. Decorators in `content` override the fields (domain/books/decorators.py)."""

    title: str = ""
    keys: tuple[str, ...] = ()
    secondary_keys: tuple[str, ...] = ()
    is_selective: bool = True
    """Whether the secondary keys count."""
    logic: Logic = Logic.ANY
    content: str = ""
    comment: str = ""
    is_on: bool = True
    is_constant: bool = False
    is_case_sensitive: bool = False
    whole_words: bool = True
    """Whether keys match whole words, in all their forms; otherwise they match any part of a text."""
    is_expression: bool = False
    """Whether all keys are regular expressions."""
    scan_depth: int | None = None
    place: Place = Place.BEFORE
    depth: int = USUAL_DEPTH
    role: Role = Role.SYSTEM
    order: float = USUAL_ORDER
    priority: float | None = None
    chance: float = HIGHEST_CHANCE
    """In percent."""
    sticky: int = 0
    cooldown: int = 0
    delay: int = 0
    group: str = ""
    weight: float = USUAL_WEIGHT
    is_found_by_entries: bool = True
    finds_entries: bool = True
    only_by_entries: bool = False

    @property
    def stands_always(self) -> bool:
        """As `stands_always` of the entry's JSON (domain/books/entry_json.py)."""
        return self.is_constant and not self.is_expression


def form_of(found: Mapping[str, Any]) -> EntryForm:
    """The form, filled in from an entry's JSON; decorators stay in `content`."""
    return EntryForm(
        title=_text(found, "title"),
        keys=tuple(value_of(found, "keys")),
        secondary_keys=tuple(value_of(found, "secondary_keys") or ()),
        is_selective=value_of(found, "is_selective") is True,
        comment=_text(found, "comment"),
        content=found["content"],
        is_on=found["enabled"],
        is_expression=found["use_regex"],
        **fields_of(found),
    )


def written_over(found: Mapping[str, Any], form: EntryForm) -> dict[str, Any]:
    """The entry with the changes made in the form."""
    changed = changes(form_of(found), form)
    entry: dict[str, Any] = deepcopy(dict(found))
    for name in changed.intersection(PLAIN):
        value = getattr(form, name)
        write(entry, name, list(value) if isinstance(value, tuple) else value)
    if "logic" in changed:
        write(entry, "logic", LOGICS.index(form.logic))
    if "role" in changed:
        write(entry, "role", ROLES.index(form.role))
    if "chance" in changed:
        write(entry, "chance", form.chance)
        write(entry, "uses_chance", True)
    if "is_found_by_entries" in changed:
        write(entry, "is_deaf_to_entries", not form.is_found_by_entries)
    if "finds_entries" in changed:
        write(entry, "is_mute_to_entries", not form.finds_entries)
    if changed & {"place", "depth"}:
        _write_place(entry, form)
    return entry


def new_entry(form: EntryForm) -> dict[str, Any]:
    bare = {"keys": [], "content": "", "extensions": {}, "enabled": True, "use_regex": False, "insertion_order": 0}
    return written_over(bare, form)


def changes(before: EntryForm, after: EntryForm) -> set[str]:
    """The names of the fields in which they differ."""
    old, new = asdict(before), asdict(after)
    return {name for name in new if new[name] != old[name]}


def _text(found: Mapping[str, Any], what: str) -> str:
    value = value_of(found, what)
    return "" if value is None else str(value)


def _write_place(entry: dict[str, Any], form: EntryForm) -> None:
    """SillyTavern's number goes into `extensions`, since the specification knows only two places."""
    write(entry, "position", "before_char" if form.place is Place.BEFORE else "after_char")
    if form.place is Place.AT_DEPTH:
        write(entry, "silly_position", SILLY_AT_DEPTH)
        write(entry, "depth", form.depth)
    elif value_of(entry, "silly_position") is not None:
        write(entry, "silly_position", 0 if form.place is Place.BEFORE else 1)
