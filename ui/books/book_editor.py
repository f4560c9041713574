"""Book editor (component): the table of a lorebook, its entries, its settings, and a box to try its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from nicegui import ui

from domain.books.book_room import MOST_ENTRIES
from domain.books.entry_check import CONTENT_LIMIT
from domain.books.entry_form import EntryForm
from domain.books.try_out import LONGEST_TRIED
from domain.model.dialog import CLIENT_ID_LIMIT
from ui.socket.shapes import LARGEST_NUMBER, OneOf, Record, Takes, Text

ONE, SOME = ("add", "save"), ("duplicate", "remove", "restore", "on", "off", "move")
BOOK = ("begin", "change", "try", "decide")
"""Actions on one entry, on several entries, and on the book."""


@dataclass(frozen=True)
class Ids:
    """A list of ids, at most as many as a book may have entries."""

    most: int = MOST_ENTRIES
    longest: int = 0

    def fits(self, value: object) -> bool:
        return (
            isinstance(value, list)
            and len(value) <= self.most
            and all(isinstance(each, int) and not isinstance(each, bool) for each in value)
            and all(abs(each) <= LARGEST_NUMBER for each in value)
        )


@dataclass(frozen=True)
class Values:
    """Fields by name, valid or not. The limit on texts is higher than that of any field, so that the domain can say
    what is wrong. `longest` applies to all texts together.
    """

    longest: int = 3 * CONTENT_LIMIT
    most: int = len(EntryForm.__dataclass_fields__) + 1
    most_in_a_list: int = 300

    def fits(self, value: object) -> bool:
        if not isinstance(value, dict) or len(value) > self.most:
            return False
        texts: list[str] = [*value]
        for each in value.values():
            if isinstance(each, list):
                if len(each) > self.most_in_a_list or not all(isinstance(text, str) for text in each):
                    return False
                texts += each
            elif isinstance(each, str):
                texts.append(each)
            elif not isinstance(each, int | float | None):
                return False
        return sum(map(len, texts)) <= self.longest


class BookEditor(ui.element, component="book_editor.js"):
    """Fetches what ui/books/books_feed.py answers at `url`, the address of the book. With "" there is no book yet:
    `blank` is shown, and the first entry creates the book. A file can be uploaded to `importing`, unless that is "".
    `place` is the name under which the browser keeps unsaved text.

    Emits `act` {name, ids, values, key}, where the name is one of `ONE`, `SOME` or `BOOK`; `answer` replies to it.
    `words` are the other props, made by ui/books/book_words.py.
    """

    TAKES: ClassVar[Takes] = {
        "act": Record(
            {
                "name": OneOf(frozenset((*ONE, *SOME, *BOOK))),
                "ids": Ids(),
                "values": Values(longest=max(3 * CONTENT_LIMIT, 2 * LONGEST_TRIED)),
                "key": Text(CLIENT_ID_LIMIT),
            }
        )
    }

    def __init__(
        self, url: str, *, importing: str, place: str, blank: Mapping[str, Any], words: Mapping[str, Any]
    ) -> None:
        super().__init__()
        self._props.update({"url": url, "importing": importing, "place": place, "blank": dict(blank), **words})

    def answer(self, key: str, told: Mapping[str, Any]) -> None:
        """Tell the editor that an action is done, or refused with a sentence (`error`, and the `field` it is about)."""
        self.run_method("answered", key, dict(told))
