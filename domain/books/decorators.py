"""Decorators: lines such as `@@depth 2` at the top of an entry's content, by which V3 cards say when and where.

A line that begins with `@@@` is what to take instead if the line above is not known here. The first of a name wins;
none of them is ever sent to a model.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.llm.port import Role

LINE = re.compile(r"^(@@@?)([^\s@]\S*)(?:\s+(.*))?$")
BESIDE = ("personality", "scenario")
POSITIONS = {"before_desc", "after_desc", *BESIDE}
LONGEST_NUMBER = 6


@dataclass(frozen=True)
class Decorators:
    """What an entry's decorators say; None and empty: nothing."""

    depth: int | None = None
    role: Role | None = None
    position: str = ""
    scan_depth: int | None = None
    only_after: int = 0
    """Only after so many replies of the character."""
    only_every: int = 0
    """Only with every so many replies."""
    greeting: int | None = None
    """Only in a dialog that began with this greeting, counted from 0."""
    also_needed: tuple[tuple[str, ...], ...] = ()
    """One key of each of these must fire, too."""
    excluded: tuple[str, ...] = ()
    """None of these keys may fire."""
    stays: bool = False
    """Once fired, it fires for the rest of the dialog."""
    fires_once: bool = False
    """Once fired, never again."""
    is_forced: bool = False
    is_forbidden: bool = False
    gives_way: bool = False
    """The first to be left out where the budget is used up."""


NO_DECORATORS = Decorators()


def split_off(content: str) -> tuple[Decorators, str]:
    """The decorators of an entry, and its content without them."""
    lines = content.split("\n")
    said: dict[str, Any] = {}
    is_understood = True
    used = 0
    for line in lines:
        found = LINE.match(line.strip())
        if found is None and line.strip():
            break
        used += 1
        if found is None:
            continue  # an empty line
        if found[1] == "@@@" and is_understood:
            continue  # the line above, or another in its place, was known
        is_understood = _take(said, found[2].lower(), (found[3] or "").strip())
    return Decorators(**said), "\n".join(lines[used:]).strip()


def _take(said: dict[str, Any], name: str, value: str) -> bool:
    """Note what a decorator says; False for one that is not known, or whose value says nothing."""
    if name not in KNOWN:
        return False
    field, read = KNOWN[name]
    meant = read(value)
    if meant is None:
        return False
    if field == "also_needed":
        said[field] = (*said.get(field, ()), meant)
    else:
        said.setdefault(field, meant)
    return True


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER else None


def _words(value: str) -> tuple[str, ...] | None:
    return tuple(word.strip() for word in value.split(",") if word.strip()) or None


def _role(value: str) -> Role | None:
    return Role(value.lower()) if value.lower() in list(Role) else None


def _position(value: str) -> str | None:
    return value if value in POSITIONS else None


def _yes(_value: str) -> bool:
    return True


KNOWN: dict[str, tuple[str, Callable[[str], Any]]] = {
    "depth": ("depth", _number),
    "role": ("role", _role),
    "position": ("position", _position),
    "scan_depth": ("scan_depth", _number),
    "activate_only_after": ("only_after", _number),
    "activate_only_every": ("only_every", _number),
    "is_greeting": ("greeting", _number),
    "additional_keys": ("also_needed", _words),
    "exclude_keys": ("excluded", _words),
    "keep_activate_after_match": ("stays", _yes),
    "dont_activate_after_match": ("fires_once", _yes),
    "activate": ("is_forced", _yes),
    "dont_activate": ("is_forbidden", _yes),
    "ignore_on_max_context": ("gives_way", _yes),
}
