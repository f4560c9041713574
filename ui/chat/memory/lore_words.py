"""Lore in words: which lorebook entries were in a reply's prompt, and why each of them was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.books.traces import FiredEntry
from domain.language import Texts
from ui.request.visitor import Reader

NAMED = 3
"""Number of entries that the line below a reply names."""


def lore_shown(reader: Reader, fired: Sequence[FiredEntry]) -> dict[str, Any]:
    """The line under a reply, and the entries that it opens: none for a reader who may see only titles, unless there
    are more titles than the line names.
    """
    _ = reader._
    names = [_name(_, each) for each in fired]
    more = len(names) - NAMED
    named = ", ".join(names[:NAMED])
    return {
        "lore_words": _named(_, named, more) if names else "",
        "lore": [
            {"name": name, "why": _why(_, each), "text": each.text}
            for name, each in zip(names, fired, strict=True)
            if each.is_told or more > 0
        ],
    }


def lore_told(_: Texts, fired: Sequence[FiredEntry], *, texts: bool) -> str:
    """Each entry with its reason on a line of its own, followed by its text if `texts`."""
    lines = (" — ".join(filter(None, (_name(_, each), _why(_, each)))) for each in fired)
    told = (f"{line}\n{each.text}" if texts and each.text else line for line, each in zip(lines, fired, strict=True))
    return "\n".join(told)


def _named(_: Texts, named: str, more: int) -> str:
    if more > 0:
        return _.plural(
            "From the lorebook: {named} and {n} more", "From the lorebook: {named} and {n} more", more, named=named
        )
    return _("From the lorebook: {named}", named=named)


def _name(_: Texts, fired: FiredEntry) -> str:
    return fired.title or fired.keys.partition(", ")[0] or _("entry without a title")


def _why(_: Texts, fired: FiredEntry) -> str:
    if not fired.is_told:
        return ""
    if not fired.because:
        return _("always there, or stayed from before")
    key = fired.because
    return _("by the key “{key}” in another entry", key=key) if fired.by_entry else _("by the key “{key}”", key=key)
