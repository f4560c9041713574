"""Decorators: lines such as `@@depth 2` at the top of an entry's content that tell V3 programs when and where it goes.

A line that begins with `@@@` is a fallback: it is used if the line above is not known here. The first decorator of a
name wins. None of them is ever sent to a model.

V3 asks chat programs to ignore the decorators for texts that are not chats (`instruct_depth`, `reverse_instruct_depth`,
`instruct_scan_depth`, counted in tokens). Those without a counterpart here (`is_user_icon`, `disable_ui_prompt`) are
ignored as well. Of `reverse_depth` V3 says both that chats ignore it and that it must be obeyed like `depth`. It counts
messages, which exist only in a chat, so it is obeyed.
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
    """The parsed decorators of an entry. None or an empty value: not given."""

    depth: int | None = None
    depth_from_start: int | None = None
    """Number of the oldest messages that precede it."""
    role: Role | None = None
    position: str = ""
    scan_depth: int | None = None
    only_after: int = 0
    """Minimum number of replies by the character before it fires."""
    only_every: int = 0
    """Fires only with every nth reply."""
    greeting: int | None = None
    """Fires only in a dialog that began with this greeting, counted from 0."""
    also_needed: tuple[tuple[str, ...], ...] = ()
    """Groups of keys; one key of each must fire as well."""
    excluded: tuple[str, ...] = ()
    """Keys that must not fire."""
    stays: bool = False
    """Whether it fires for the rest of the dialog once it has fired."""
    fires_once: bool = False
    """Whether it never fires again once it has fired."""
    is_forced: bool = False
    is_forbidden: bool = False
    gives_way: bool = False
    """Whether it is among the first to be left out when the budget is used up."""
    unheeded: tuple[str, ...] = ()
    """Lines that are not obeyed here, and whose fallbacks are not either."""


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
"""Fields of `Decorators`, and the field of an entry's form that each decides; the first that is given wins."""


def split_off(content: str) -> tuple[Decorators, str]:
    """The decorators of an entry, and its content without them."""
    lines = content.split("\n")
    said, _lines, used = _read(lines)
    return Decorators(**said), "\n".join(lines[used:]).strip()


def deciding_lines(content: str) -> dict[str, str]:
    """The fields of an entry's form that decorators decide, whatever is chosen there, each with the line that decides
    it.
    """
    _said, by, _used = _read(content.split("\n"))
    decided: dict[str, str] = {}
    for said, field in DECIDED:
        if said in by:
            decided.setdefault(field, by[said])
    return decided


def _read(lines: list[str]) -> tuple[dict[str, Any], dict[str, str], int]:
    """Parse the decorators: their values and the lines that give them (both by field), and their number of lines."""
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
            continue  # the line above, or an earlier fallback, was understood
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
    """The field of `Decorators` and its value. The value is None if the decorator is unknown or has no valid value."""
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
    """A negative number counts as 0: a depth of -1 is the very end."""
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
