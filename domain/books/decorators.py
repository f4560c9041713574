"""Decorators: lines such as `@@depth 2` at the top of an entry's content, by which V3 cards say when and where.

A line that begins with `@@@` is what to take instead if the line above is not known here. The first of a name wins;
none of them is ever sent to a model.

What V3 has for texts that are no chats (`instruct_depth`, `reverse_instruct_depth`, `instruct_scan_depth`, counted in
tokens) it wants a chat to pass over, and so is passed over what nothing here answers to (`is_user_icon`,
`disable_ui_prompt`). Of `reverse_depth` it says the same and that it must be obeyed like `depth`; counting messages, it
means nothing anywhere but in a chat, so it is obeyed.
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
NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
LARGEST_NUMBER = 999_999


@dataclass(frozen=True)
class Decorators:
    """What an entry's decorators say; None and empty: nothing."""

    depth: int | None = None
    depth_from_start: int | None = None
    """Behind so many of the oldest messages."""
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
    unheeded: tuple[str, ...] = ()
    """Lines that are not obeyed here, and have nothing below them that is taken instead."""


NO_DECORATORS = Decorators()


DECIDED = (
    ("position", "place"),
    ("depth", "place"),
    ("depth_from_start", "place"),
    ("role", "role"),
    ("scan_depth", "scan_depth"),
    ("is_forced", "is_constant"),
    ("is_forbidden", "is_constant"),
)
"""What a decorator says, and the field of an entry's form that it stands for; the first that is said decides."""


def split_off(content: str) -> tuple[Decorators, str]:
    """The decorators of an entry, and its content without them."""
    lines = content.split("\n")
    said, _lines, used = _read(lines)
    return Decorators(**said), "\n".join(lines[used:]).strip()


def deciding_lines(content: str) -> dict[str, str]:
    """By field of an entry's form, the line of its content that decides it, whatever is chosen in the form."""
    _said, by, _used = _read(content.split("\n"))
    decided: dict[str, str] = {}
    for said, field in DECIDED:
        if said in by:
            decided.setdefault(field, by[said])
    return decided


def _read(lines: list[str]) -> tuple[dict[str, Any], dict[str, str], int]:
    """What is said, by which line, and how many lines that takes."""
    said: dict[str, Any] = {}
    by: dict[str, str] = {}
    unheeded: list[str] = []
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
        field, meant = _meant(found[2].lower(), (found[3] or "").strip())
        is_understood = meant is not None
        if is_understood:
            by.setdefault(field, line.strip())
            _note(said, field, meant)
        if found[1] == "@@" and not is_understood:
            unheeded.append(line.strip())
        elif found[1] == "@@@" and is_understood:
            unheeded.pop()
    if unheeded:
        said["unheeded"] = tuple(unheeded)
    return said, by, used


def _meant(name: str, value: str) -> tuple[str, Any]:
    """What a decorator says, of which of `Decorators`; None for one that is not known, or whose value says nothing."""
    if name not in KNOWN:
        return "", None
    field, read = KNOWN[name]
    return field, read(value)


def _note(said: dict[str, Any], field: str, meant: Any) -> None:
    if field == "also_needed":
        said[field] = (*said.get(field, ()), meant)
    else:
        said.setdefault(field, meant)


def _number(value: str) -> int | None:
    if not NUMBER.fullmatch(value):
        return None
    return max(-LARGEST_NUMBER, min(int(float(value)), LARGEST_NUMBER))


def _count(value: str) -> int | None:
    """A number below none is as good as none: a depth of -1 is the very end."""
    number = _number(value)
    return None if number is None else max(0, number)


def _words(value: str) -> tuple[str, ...] | None:
    return tuple(word.strip() for word in value.split(",") if word.strip()) or None


def _role(value: str) -> Role | None:
    return Role(value.lower()) if value.lower() in list(Role) else None


def _position(value: str) -> str | None:
    return value if value in POSITIONS else None


def _yes(_value: str) -> bool:
    return True


KNOWN: dict[str, tuple[str, Callable[[str], Any]]] = {
    "depth": ("depth", _count),
    "reverse_depth": ("depth_from_start", _count),
    "role": ("role", _role),
    "position": ("position", _position),
    "scan_depth": ("scan_depth", _count),
    "activate_only_after": ("only_after", _count),
    "activate_only_every": ("only_every", _count),
    "is_greeting": ("greeting", _number),
    "additional_keys": ("also_needed", _words),
    "exclude_keys": ("excluded", _words),
    "keep_activate_after_match": ("stays", _yes),
    "dont_activate_after_match": ("fires_once", _yes),
    "activate": ("is_forced", _yes),
    "dont_activate": ("is_forbidden", _yes),
    "ignore_on_max_context": ("gives_way", _yes),
}
