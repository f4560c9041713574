"""Formats of lorebooks: whatever program wrote a book, it becomes a V3 book. Fields that V3 does not know stay with
each entry.

It reads the books of V2 and V3 cards, `lorebook_v3` files, SillyTavern's worlds, Agnai's memory books, and RisuAI's and
NovelAI's lorebooks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.books.book_room import fitting

CAMEL = {"scanDepth": "scan_depth", "tokenBudget": "token_budget", "recursiveScanning": "recursive_scanning"}
SILLY = {
    "key": "keys",
    "keysecondary": "secondary_keys",
    "order": "insertion_order",
    "caseSensitive": "case_sensitive",
    "uid": "id",
}
RISU = {
    "key": "keys",
    "secondkey": "secondary_keys",
    "insertorder": "insertion_order",
    "alwaysActive": "constant",
    "useRegex": "use_regex",
    "comment": "name",
}
AGNAI = {"entry": "content", "keywords": "keys", "weight": "insertion_order"}
NOVEL = {"text": "content", "displayName": "name", "forceActivation": "constant"}
POSITIONS = {0: "before_char", 1: "after_char", "before_char_defs": "before_char", "after_char_defs": "after_char"}
"""Maps SillyTavern's names of two places to those of the specification."""
SWITCHES = ("case_sensitive", "constant", "selective", "use_regex", "enabled")


CARDS_HAVE = ("first_mes", "personality", "char_persona", "scenario", "mes_example")
"""Fields that cards have and lorebooks lack. They tell the two apart, since a few cards have a field called `entries`.
"""


def is_lorebook(found: Any) -> bool:
    """Whether a file is a lorebook by itself, in any of the formats."""
    if not isinstance(found, dict) or any(name in found for name in CARDS_HAVE):
        return False
    if found.get("spec") == "lorebook_v3" or "lorebookVersion" in found or found.get("kind") == "memory":
        return as_book(found) is not None
    return _is_risu(found) or (isinstance(found.get("entries"), dict | list) and "spec" not in found)


def entries_left_out(found: Any, book: dict[str, Any]) -> int:
    """Number of entries in the file that the book read from it had no room for (domain/books/book_room.py)."""
    inner = _inner(found)
    entries: Any = inner.get("data" if _is_risu(inner) else "entries")
    brought = list(entries.values()) if isinstance(entries, dict) else entries
    return sum(isinstance(each, dict) for each in brought) - len(book["entries"])


def as_book(found: Any) -> dict[str, Any] | None:
    """The book in the V3 format; None if it is not a lorebook."""
    if not isinstance(found, dict):
        return None
    found = _inner(found)
    if "lorebookVersion" in found:
        return _book(found, found.get("entries"), _novel)
    if _is_risu(found):
        return _book(found, found.get("data"), _risu, entries_at="data")
    if found.get("kind") == "memory":
        return _book(found, found.get("entries"), lambda entry: _renamed(entry, AGNAI))
    return _book(found, found.get("entries"), _silly)


def _inner(found: dict[str, Any]) -> dict[str, Any]:
    """The book itself, which a `lorebook_v3` file holds in its `data`."""
    is_wrapped = found.get("spec") == "lorebook_v3" and isinstance(found.get("data"), dict)
    return found["data"] if is_wrapped else found


def _is_risu(found: dict[str, Any]) -> bool:
    """A book converted already keeps its `type`, but has its `entries` where V3 has them: it does not count."""
    return found.get("type") == "risu" and isinstance(found.get("data"), list) and "entries" not in found


def _book(
    found: dict[str, Any], entries: Any, read: Callable[[dict[str, Any]], dict[str, Any]], entries_at: str = "entries"
) -> dict[str, Any] | None:
    if isinstance(entries, dict):
        entries = list(entries.values())
    if not isinstance(entries, list):
        return None
    book = {CAMEL.get(name, name): value for name, value in found.items() if name != entries_at}
    if not isinstance(book.get("extensions"), dict):
        book["extensions"] = {}
    for name in ("scan_depth", "token_budget"):
        if name in book and (number := _number(book[name])) is None:
            del book[name]
        elif name in book:
            book[name] = number
    known = (each for each in entries if isinstance(each, dict))
    book["entries"] = fitting(_entry(read(each), place) for place, each in enumerate(known))
    return book


def _entry(entry: dict[str, Any], place: int) -> dict[str, Any]:
    """The entry with everything that V3 requires, each field of its type."""
    read = dict(entry)
    for name in ("keys", "secondary_keys"):
        if name in read or name == "keys":
            read[name] = _keys(read.get(name))
    read["content"] = read["content"] if isinstance(read.get("content"), str) else ""
    read["extensions"] = read["extensions"] if isinstance(read.get("extensions"), dict) else {}
    for name in SWITCHES:
        if name in read and not isinstance(read[name], bool):
            if read[name] is None:
                del read[name]
            else:
                read[name] = read[name] in (1, "true", "True", "1")
    read.setdefault("enabled", True)
    read.setdefault("use_regex", False)
    order = _number(read.get("insertion_order"))
    read["insertion_order"] = place if order is None else order
    return read


def _silly(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry of a card or of a SillyTavern world, which names some fields differently and inverts `enabled`."""
    read = _renamed(entry, SILLY)
    if "disable" in entry and "enabled" not in entry:
        read["enabled"] = not read.pop("disable")
    position = read.get("position")
    if isinstance(position, int | str) and position in POSITIONS and not isinstance(position, bool):
        read["position"] = POSITIONS[position]
    return read


def _risu(entry: dict[str, Any]) -> dict[str, Any]:
    read = _renamed(entry, RISU)
    if read.get("secondary_keys"):
        read.setdefault("selective", True)
    if read.get("use_regex") is True and isinstance(read.get("keys"), str):
        read["keys"] = [read["keys"]]  # one expression, which may contain commas
    extensions = entry.get("extensions", entry.get("extentions"))  # as RisuAI spells them
    extensions = extensions if isinstance(extensions, dict) else {}
    if isinstance(extensions.get("risu_case_sensitive"), bool):
        read.setdefault("case_sensitive", extensions["risu_case_sensitive"])
    if (chance := _number(entry.get("activationPercent"))) is not None:
        read["extensions"] = {"probability": chance, "useProbability": True} | extensions
    if entry.get("mode") == "folder":  # a row of its editor, which has no text
        read["enabled"] = False
    return read


def _novel(entry: dict[str, Any]) -> dict[str, Any]:
    read = _renamed(entry, NOVEL)
    config = entry.get("contextConfig")
    if isinstance(config, dict) and "priority" not in read:
        priority = _number(config.get("budgetPriority"))
        if priority is not None:
            read["priority"] = priority
    return read


def _renamed(entry: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in entry.items() if names.get(name) not in entry}


def _keys(value: Any) -> list[str]:
    if isinstance(value, str):
        return [each.strip() for each in value.split(",") if each.strip()]
    return [str(each) for each in value if isinstance(each, str | int | float)] if isinstance(value, list) else []


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, int | float) and abs(value) < 2**53:
        return int(value) if value == int(value) else value
    return None
