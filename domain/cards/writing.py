"""Writing a character as a card file, in a worker (domain/cards/worker.py): its texts and pictures may be large."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.books.book_rows import book_of
from domain.books.entry_json import as_in_a_card
from domain.cards.card_fields import changed, fields_of
from domain.cards.carried_files import MOST_CARRIED, suffix_of, with_files
from domain.cards.drawn_portrait import put_mark
from domain.cards.png_chunks import is_png
from domain.cards.read_card import LARGEST_PICTURE, OUR_ICONS
from domain.cards.reading import NAMES, PICTURE
from domain.cards.workers import Worker
from domain.cards.write_card import STANDS_AT, as_charx, as_json, as_png, as_v2, new_card, overlaid, without_secrets
from domain.clock import now
from domain.model.book import Book, BookEntry

LOREBOOK = "lorebook"
OF_A_CARD = (*STANDS_AT, "context", "examples")
"""Fields that cards have a place for. If there was no card before, all of them count as changed."""


class CardKind(StrEnum):
    PNG = "png"
    JSON = "json"
    JSON_V2 = "json-v2"
    CHARX = "charx"


@dataclass(frozen=True)
class Source:
    """Material for a card. `card` is the one that the character came from. `book` holds the columns of its lorebook;
    `entries` tell for each entry whether it is on, and its text. `photo` is the picture that it has now, `files` the
    archive of the files that the card brought.
    """

    fields: dict[str, Any]
    card: str
    has_new_photo: bool
    book: dict[str, Any] | None
    entries: list[tuple[bool, str]]
    photo: bytes
    files: bytes
    colours: tuple[str, str]
    """The two colours of the drawn portrait, if the character has no photo."""
    with_secrets: bool
    with_files: bool
    """Whether to include the files that no page shows."""


async def write_card_file(worker: Worker, source: Source, kind: CardKind) -> bytes:
    """Raises `UnreadableCard` if that takes too long, or too much memory."""
    asked = {
        "do": "write",
        "kind": kind,
        "with_secrets": source.with_secrets,
        "with_files": source.with_files,
        "fields": source.fields,
        "has_new_photo": source.has_new_photo,
        "book": source.book,
        "on": [is_on for is_on, _text in source.entries],
        "colours": source.colours,
    }
    return await worker.ask(lambda: _question(asked, source), lambda parts: parts[0])


async def write_book_file(worker: Worker, book: dict[str, Any], entries: Sequence[tuple[bool, str]]) -> bytes:
    """The lorebook as a file of its own. Raises as above."""
    asked = {"do": "write", "kind": LOREBOOK, "book": book, "on": [is_on for is_on, _text in entries]}
    return await worker.ask(
        lambda: [json.dumps(asked).encode(), *(text.encode() for _is_on, text in entries)], lambda parts: parts[0]
    )


def _question(asked: dict[str, Any], source: Source) -> list[bytes]:
    entries = [text.encode() for _is_on, text in source.entries]
    return [json.dumps(asked).encode(), source.card.encode(), source.photo, source.files, *entries]


def answer(asked: dict[str, Any], *parts: bytes) -> list[bytes]:
    """Runs in the worker: the file, as the only part."""
    if asked["kind"] == LOREBOOK:
        return [as_json({"spec": "lorebook_v3", "data": _book(asked, parts)})]
    return [_card(asked, *parts)]


def _card(asked: dict[str, Any], card: bytes, photo: bytes, archive: bytes, *entries: bytes) -> bytes:
    kept = json.loads(card) if card else None
    before = fields_of(kept).fields if kept else dict.fromkeys(OF_A_CARD)
    written = overlaid(kept or new_card(), changed(before, asked["fields"]), now())
    if asked["book"] is not None:
        book = _book(asked, entries)
        written["data"]["character_book"] = book | {"entries": [*map(as_in_a_card, book["entries"])]}
    files = files_in(archive)
    original = files.pop(PICTURE, b"")
    if kept and asked["has_new_photo"]:
        original = b""
        _remove_main_icon(written, files)
    original = original or _main_icon(written, files)
    if not asked["with_secrets"]:
        original = b""  # it may hold texts of other programs
        written = without_secrets(written)
    if not asked["with_files"]:
        written["data"].pop("assets", None)
        files = {}
    picture = _Picture(original, photo, tuple(asked["colours"]))
    return _file(CardKind(asked["kind"]), written, files, picture)


def _book(asked: dict[str, Any], entries: Sequence[bytes]) -> dict[str, Any]:
    said = zip(asked["on"], entries, strict=True)
    rows = [BookEntry(book_id=0, position=0, is_on=is_on, entry=text.decode()) for is_on, text in said]
    return book_of(Book(**asked["book"]), rows)


@dataclass(frozen=True)
class _Picture:
    """The portrait as the card brought it, as pages show it (each perhaps empty), and the colours to draw one in."""

    original: bytes
    photo: bytes
    colours: tuple[str, str]


def _file(kind: CardKind, card: dict[str, Any], files: dict[str, bytes], picture: _Picture) -> bytes:
    match kind:
        case CardKind.JSON_V2:
            return as_json(as_v2(card))
        case CardKind.PNG:
            return _as_picture(card, files, picture)
        case CardKind.CHARX:
            _add_main_icon(card, files, picture.original or picture.photo)
            return as_charx(card, files)
    has_room = len(picture.original) + sum(map(len, files.values())) <= MOST_CARRIED
    _add_main_icon(card, files, (has_room and picture.original) or picture.photo)
    return as_json(with_files(card, files))


def _as_picture(card: dict[str, Any], files: dict[str, bytes], picture: _Picture) -> bytes:
    if is_png(picture.original):
        written = as_png(card, picture.original, files)
        if len(written) <= LARGEST_PICTURE:  # our own reader would refuse a larger one
            return written
    from domain.pictures import png_copy  # late: it loads Pillow, which the other kinds do not need

    copy = png_copy.as_png(picture.photo or None, picture.colours)
    if not picture.photo:
        put_mark(card, copy)
    return as_png(card, copy, files)


def _add_main_icon(card: dict[str, Any], files: dict[str, bytes], icon: bytes) -> None:
    if icon and not _main_icon(card, files):
        suffix = suffix_of(icon)
        uri = OUR_ICONS.get(suffix, OUR_ICONS["webp"])
        card["data"].setdefault("assets", []).insert(0, {"type": "icon", "uri": uri, "name": "main", "ext": suffix})
        files[uri] = icon


def files_in(archive: bytes) -> dict[str, bytes]:
    """The files of a card by address (`uri`). The archive is one of our own (domain/cards/reading.py)."""
    if not archive:
        return {}
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = json.loads(opened.read(NAMES))
        return {uri: opened.read(number) for number, uri in names.items()}


def _main_icon(card: dict[str, Any], files: dict[str, bytes]) -> bytes:
    icons = [each for each in card["data"].get("assets", []) if each.get("type") == "icon"]
    main = [files.get(each["uri"], b"") for each in icons if each.get("name") == "main" or len(icons) == 1]
    return next(filter(None, main), b"")


def _remove_main_icon(card: dict[str, Any], files: dict[str, bytes]) -> None:
    """Remove the card's main icon: the author has chosen another photo since."""
    assets = card["data"].get("assets", [])
    gone = [each for each in assets if each.get("type") == "icon" and each.get("name") == "main"]
    for each in gone:
        assets.remove(each)
        files.pop(each["uri"], None)
    if gone and not assets:
        del card["data"]["assets"]
