"""JSON for the book editor: the book, its entries as lines, one entry, and what fires on a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any

from domain.books.activation import BUDGET_SHARE, USUAL_SCAN_DEPTH
from domain.books.book_entries import EntryView
from domain.books.book_view import BookView
from domain.books.conditions import LeftOut
from domain.books.decorators import split_off
from domain.books.entry import Logic, Place
from domain.books.entry_flaws import Flaw
from domain.books.entry_form import EntryForm
from domain.books.entry_lines import EXCERPT, EntryLine
from domain.books.try_out import Tried, TriedEntry
from domain.language import Texts
from domain.llm.port import Role

Line = list[Any]
"""An entry in the shape of `BookLine` (ui/types.d.ts): a list, since there are thousands of them."""
ENUMS: dict[str, type[StrEnum]] = {"logic": Logic, "place": Place, "role": Role}
LONGEST_WORDS = 60
LISTS = ("keys", "secondary_keys")
MAY_BE_NONE = ("scan_depth", "priority")


def book_shown(book: BookView | None, prompt_tokens: int, *, editable: bool) -> dict[str, Any]:
    """The book without its entries; None if it does not exist yet. `prompt_tokens` is the size of a usual prompt."""
    return {
        "id": book.id if book else 0,
        "name": book.name if book else "",
        "scan_depth": book.scan_depth if book else None,
        "usual_depth": USUAL_SCAN_DEPTH,
        "token_budget": book.token_budget if book else None,
        "usual_budget": int(prompt_tokens * BUDGET_SHARE),
        "is_recursive": book.is_recursive if book else None,
        "shows_titles": book.shows_titles if book else False,
        "revision": book.revision if book else 0,
        "editable": editable,
    }


def lines_shown(_: Texts, lines: Iterable[EntryLine]) -> list[Line]:
    return [
        [
            *(each.id, each.is_on, each.is_constant, each.keys, each.title, each.excerpt, each.order),
            *(each.place.value, each.tokens, remark_on(_, each.flaw)),
        ]
        for each in lines
    ]


def line_shown(_: Texts, entry: EntryView) -> Line:
    """The line of an entry that was just saved."""
    form = entry.form
    _decorators, content = split_off(form.content)
    excerpt = " ".join(content[: 2 * EXCERPT].split())[:EXCERPT]
    keys, title = ", ".join(form.keys), form.title or form.comment
    return [
        *(entry.id, form.is_on, form.stands_always, keys, title, excerpt, form.order),
        *(form.place.value, entry.tokens, remark_on(_, entry.flaw)),
    ]


def remark_on(_: Texts, flaw: Flaw | None) -> str:
    """The reason that an entry, or one of its keys, never fires; empty if nothing is wrong."""
    return _(flaw.text, **flaw.values) if flaw else ""


def entry_shown(_: Texts, entry: EntryView) -> dict[str, Any]:
    return {"values": values_of(entry.form), "version": entry.version, "remark": remark_on(_, entry.flaw)}


def values_of(form: EntryForm) -> dict[str, Any]:
    """The form as the browser holds it."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(form).items()}


def form_of(values: Mapping[str, Any]) -> EntryForm:
    """The form that the browser sent. A value that our form would never send is replaced by that of a new entry."""
    usual = EntryForm()
    known = {each.name: _known(each.name, values.get(each.name), getattr(usual, each.name)) for each in fields(usual)}
    return EntryForm(**known)


def _known(name: str, value: Any, usual: Any) -> Any:
    if name in ENUMS:
        return ENUMS[name](value) if value in list(ENUMS[name]) else usual
    if name in LISTS:
        return tuple(value) if isinstance(value, list) else usual
    if name in MAY_BE_NONE and value is None:
        return None
    if isinstance(usual, bool) or isinstance(value, bool):
        return value if isinstance(value, bool) and isinstance(usual, bool) else usual
    if isinstance(usual, str):
        return value if isinstance(value, str) else usual
    return value if isinstance(value, int | float) else usual


def tried_shown(_: Texts, tried: Tried) -> dict[str, Any]:
    return {
        "words": _.plural("{n} entry fires, in this order:", "{n} entries fire, in this order:", len(tried.fired)),
        "fired": [_tried(_, each) for each in tried.fired],
        "left_out": [_tried(_, each) for each in tried.left_out],
    }


def _tried(_: Texts, entry: TriedEntry) -> dict[str, Any]:
    tokens = _.plural("{n} token", "{n} tokens", entry.tokens)
    name = entry.title or entry.because or _("untitled")
    why = " · ".join(filter(None, (_why_not(_, entry), _why(_, entry), tokens)))
    return {"id": entry.id, "name": name, "why": why}


def _why_not(_: Texts, entry: TriedEntry) -> str:
    words = {
        LeftOut.OFF: _("switched off"),
        LeftOut.SECONDARY: _("the additional keys don't match"),
        LeftOut.OTHER_KEYS: _("the keys of its decorators don't match"),
        LeftOut.TIME: _("not its time"),
        LeftOut.CHANCE: _("by chance"),
        LeftOut.FORBIDDEN: _("a decorator forbids it"),
        LeftOut.GROUP: _("another entry of its group fired"),
        LeftOut.BUDGET: _("no room in the budget"),
    }
    return words[entry.why] if entry.why else ""


def _why(_: Texts, entry: TriedEntry) -> str:
    if not entry.because:
        return _("always there")
    if entry.by_entry:
        return _("“{key}”, in another entry", key=entry.because)
    if entry.words.casefold() == entry.because.casefold():
        return _("“{key}”", key=entry.because)
    return _("“{key}” in “{word}”", key=entry.because, word=entry.words[:LONGEST_WORDS])
