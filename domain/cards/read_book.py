"""Reading lorebooks: from a file of its own, or from a card of any kind."""

from __future__ import annotations

from typing import Any

from domain.books.book_forms import as_book, entries_left_out, is_lorebook
from domain.cards.card_forms import name_of_file
from domain.cards.faults import Fault, Remark, UnreadableCard
from domain.cards.json_text import decoded, read_json
from domain.cards.read_card import LARGEST_TEXT, read_card

OPENS = b"{\xef\xff\xfe"
"""First bytes of JSON objects: the brace, or the first byte of a byte order mark."""


def read_book(data: bytes, file_name: str = "") -> tuple[dict[str, Any], int]:
    """The V3 book, named after its file if it has no name, and the number of entries left out for lack of room. Raises
    `UnreadableCard`.
    """
    found = _object_in(data)
    if is_lorebook(found):
        book = as_book(found)
        left_out = entries_left_out(found, book) if book else 0
    else:
        read = read_card(data, file_name or "-.")
        book = read.card["data"].get("character_book")
        left_out = sum(each.values["over"] for each in read.remarks if each.kind is Remark.ENTRIES_LEFT_OUT)
    if not book:
        raise UnreadableCard(Fault.NO_LOREBOOK)
    if not isinstance(book.get("name"), str) or not book["name"].strip():
        book["name"] = name_of_file(file_name)
    return book, left_out


def _object_in(data: bytes) -> Any:
    """The JSON value in the file; None if the file is of another kind, or too large for a lorebook."""
    start = data[:64].strip()
    if not start or start[0] not in OPENS or len(data) > LARGEST_TEXT:
        return None
    return read_json(decoded(data).strip())
