"""Reading a stranger's file in a worker (domain/cards/worker.py), and its result in the server: a card or book whose
JSON remains text, since parsing it would block everybody else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from domain.books.book_rows import BookRows, EntryRow, rows_of
from domain.cards.book_remarks import remarks_on
from domain.cards.card_fields import fields_of, without_own
from domain.cards.charx import write_archive
from domain.cards.faults import CardRemark, Fault, Remark, UnreadableCard
from domain.cards.png_chunks import is_png, with_texts
from domain.cards.read_book import read_book
from domain.cards.read_card import KEYWORDS, LEGACY_ASSET, ReadCard, read_card
from domain.cards.unknown_parts import unknown_parts
from domain.cards.workers import Worker
from domain.model.character import AgeMark, Gender

LONGEST_CARD = 8_000_000
"""Maximum bytes of a card without its book and files, which the server handles as one text."""
MOST_REMARKS = 200
LONGEST_VALUE = 200
NAMES = "names.json"
"""File in the archive of a card's files that maps their numbers, which are their names there, to their addresses."""
PICTURE = "x_beseda_picture"
"""Address there of the portrait as it came, if no asset of the card is it. Pages show a smaller copy, cut to size; an
export has the picture itself.
"""


@dataclass(frozen=True)
class CardFile:
    """A card as its importer needs it. `fields` are those of a character, each within its limit; `card` is the whole V3
    object as JSON text; `files` is an archive of the files that it brought; `portrait` is the picture as it came.
    """

    fields: dict[str, Any]
    remarks: list[CardRemark]
    book: BookRows | None
    """Its lorebook, which is no longer part of `card`."""
    kept: list[str]
    """Names of the parts that are kept though nothing here shows them."""
    card: str
    creator: str = ""
    version: str = ""
    assets: list[str] = field(default_factory=list)
    """Kind and name of each further file, such as `emotion: happy`."""
    portrait: bytes = b""
    files: bytes = field(default=b"", repr=False)

    def without_portrait(self) -> CardFile:
        """The same card without its portrait, which cannot be read as a picture."""
        remark = CardRemark(Remark.PORTRAIT_LEFT_OUT, "picture")
        return replace(self, portrait=b"", remarks=[*self.remarks, remark])

    @property
    def size(self) -> int:
        """Stored size, without what is drawn from the portrait: characters of texts plus bytes of files."""
        entries = self.book.entries if self.book else []
        return len(self.card) + len(self.files) + sum(len(each.entry) for each in entries)


@dataclass(frozen=True)
class BookFile:
    """A lorebook from a file; `left_out` counts the entries that it had no room for."""

    book: BookRows
    left_out: int
    remarks: list[CardRemark] = field(default_factory=list)
    """Remarks on keys and decorators in its entries that never have an effect."""


async def read_card_file(worker: Worker, data: bytes, file_name: str) -> CardFile:
    """Raises `UnreadableCard`."""
    return await worker.ask(lambda: [_question("card", file_name), data], _card_file)


async def read_book_file(worker: Worker, data: bytes, file_name: str) -> BookFile:
    """Raises `UnreadableCard`."""
    return await worker.ask(lambda: [_question("book", file_name), data], _book_file)


def _question(wanted: str, file_name: str) -> bytes:
    return json.dumps({"do": f"read {wanted}", "file_name": file_name}).encode()


def _card_file(parts: list[bytes]) -> CardFile:
    head = _head(parts)
    fields = head["fields"]
    fields |= {"gender": Gender(fields["gender"]), "age_mark": AgeMark(fields["age_mark"])}
    card, portrait, files, *book = parts[1:]
    return CardFile(
        fields=fields,
        remarks=_remarks(head),
        book=_book(book) if book else None,
        kept=head["kept"],
        card=card.decode(),
        creator=head["creator"],
        version=head["version"],
        assets=head["assets"],
        portrait=portrait,
        files=files,
    )


def _book_file(parts: list[bytes]) -> BookFile:
    head = _head(parts)
    return BookFile(_book(parts[1:]), head["left_out"], _remarks(head))


def _remarks(head: dict[str, Any]) -> list[CardRemark]:
    return [CardRemark(Remark(each["kind"]), each["subject"], each["values"]) for each in head["remarks"]]


def _head(parts: list[bytes]) -> dict[str, Any]:
    head: dict[str, Any] = json.loads(parts[0])
    if "fault" in head:
        raise UnreadableCard(Fault(head["fault"]))
    return head


def _book(parts: list[bytes]) -> BookRows:
    columns, lines, texts = parts
    at = 0
    entries = []
    for line in lines.splitlines():  # line by line: while a long JSON text is parsed, no other thread runs
        row = json.loads(line)
        end = at + row["entry"]
        entries.append(EntryRow(**row | {"entry": texts[at:end].decode()}))
        at = end
    return BookRows(**json.loads(columns), entries=entries)


def answer(asked: dict[str, Any], data: bytes) -> list[bytes]:
    """Runs in the worker: the parts that `read_card_file` and `read_book_file` expect."""
    try:
        read = _card_parts if asked["do"] == "read card" else _book_file_parts
        return read(data, asked["file_name"])
    except UnreadableCard as error:
        return [json.dumps({"fault": error.fault}).encode()]


def _card_parts(data: bytes, file_name: str) -> list[bytes]:
    read = read_card(data, file_name)
    filled = fields_of(read.card)
    book = read.card["data"].pop("character_book", None)
    card = without_own(read.card)
    text = json.dumps(card, ensure_ascii=False).encode()
    if len(text) > LONGEST_CARD:
        raise UnreadableCard(Fault.TOO_LARGE)
    on_book = remarks_on(book) if book else ()
    remarks = [_bounded(each) for each in (*on_book, *read.remarks, *filled.remarks)[:MOST_REMARKS]]
    head = {"fields": filled.fields, "remarks": remarks, "kept": unknown_parts(card), **_told_besides(read)}
    parts = [json.dumps(head).encode(), text, read.portrait, _packed(read.files | _picture_of(read))]
    return parts + (_book_parts(book) if book else [])


def _picture_of(read: ReadCard) -> dict[str, bytes]:
    """The portrait as a further file, without the texts that make it a card."""
    picture = read.portrait
    if is_png(picture):
        picture = with_texts(picture, {}, instead_of=(*KEYWORDS, LEGACY_ASSET))
    return {PICTURE: picture} if picture and picture not in read.files.values() else {}


def _told_besides(read: ReadCard) -> dict[str, Any]:
    """The card's details that the preview shows besides the fields."""
    data, main = read.card["data"], ("icon", "main")
    besides = [each for each in data.get("assets", []) if (each.get("type"), each.get("name")) != main]
    names = [f"{each.get('type')}: {each.get('name')}" for each in besides if each.get("uri") in read.files]
    return {
        "creator": str(data.get("creator", ""))[:LONGEST_VALUE],
        "version": str(data.get("character_version", ""))[:LONGEST_VALUE],
        "assets": [name[:LONGEST_VALUE] for name in names[:MOST_REMARKS]],
    }


def _book_file_parts(data: bytes, file_name: str) -> list[bytes]:
    book, left_out = read_book(data, file_name)
    head = {"left_out": left_out, "remarks": [*map(_bounded, remarks_on(book))]}
    return [json.dumps(head).encode(), *_book_parts(book)]


def _bounded(remark: CardRemark) -> dict[str, Any]:
    values = {name: value[:LONGEST_VALUE] if isinstance(value, str) else value for name, value in remark.values.items()}
    return asdict(remark) | {"values": values}


def _packed(files: Mapping[str, bytes]) -> bytes:
    if not files:
        return b""
    names = json.dumps({str(number): uri for number, uri in enumerate(files)}).encode()
    return write_archive({NAMES: names} | {str(number): content for number, content in enumerate(files.values())})


def _book_parts(book: dict[str, Any]) -> list[bytes]:
    rows = rows_of(book)
    lines, texts = [], []
    for each in rows.entries:
        text = each.entry.encode()
        lines.append(json.dumps(vars(each) | {"entry": len(text)}).encode())
        texts.append(text)
    columns = {name: value for name, value in vars(rows).items() if name != "entries"}
    return [json.dumps(columns).encode(), b"\n".join(lines), b"".join(texts)]
