"""Reading a stranger's card file in a process of its own, with limits of time and memory.

`python -m domain.cards.reading`: the file's name as a line of JSON and the file come in; a line of JSON and the parts
go out. What the card says is kept as text and never parsed here, since that holds up everybody else.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from domain.books.book_rows import BookRows, EntryRow, rows_of
from domain.cards.card_fields import fields_of
from domain.cards.charx import write_archive
from domain.cards.faults import CardRemark, Fault, Remark, UnreadableCard
from domain.cards.read_card import ReadCard, read_card
from domain.cards.unknown_parts import unknown_parts
from domain.model.character import AgeMark, Gender

ROOT = Path(__file__).parents[2]
MEMORY = 1_500_000_000
"""Bytes of address space: a file of 50 MB, its parts and what it says."""
PATIENCE = 30.0
"""Seconds."""
QUIETLY = 10
"""Niceness: the process yields to the one that serves people."""
PARTS = ("card", "portrait", "files")
LONGEST_TOLD, MOST_TOLD = 200, 100
"""Characters of a name, and how many of them, in a report."""


@dataclass(frozen=True)
class CardFile:
    """A card as its importer needs it. `fields` are those of a character, each within its limit; `card` is the whole V3
    object as JSON text, `files` an archive of what it brought, `portrait` the picture as it came.
    """

    fields: dict[str, Any]
    remarks: list[CardRemark]
    book: BookRows | None
    """Its lorebook, which `card` is then without."""
    kept: list[str]
    """Names of what is kept though nothing here shows it."""
    card: str
    creator: str = ""
    version: str = ""
    assets: list[str] = field(default_factory=list)
    """Kind and name of each file that it brings besides, as `emotion: happy`."""
    portrait: bytes = b""
    files: bytes = field(default=b"", repr=False)

    def without_portrait(self) -> CardFile:
        return replace(self, portrait=b"")


async def read_apart(data: bytes, file_name: str, patience: float = PATIENCE) -> CardFile:
    """Raises `UnreadableCard`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(patience):
            written, _nothing = await process.communicate(json.dumps(file_name).encode() + b"\n" + data)
        return _answer(written)
    except TimeoutError as error:
        raise UnreadableCard(Fault.TOO_SLOW) from error
    except ValueError as error:  # it died before it had finished
        raise UnreadableCard(Fault.TOO_LARGE) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _answer(written: bytes) -> CardFile:
    line, _, rest = written.partition(b"\n")
    head = json.loads(line)
    if "fault" in head:
        raise UnreadableCard(Fault(head["fault"]))
    parts = {}
    for name in PARTS:
        parts[name], rest = rest[: head["lengths"][name]], rest[head["lengths"][name] :]
    fields, book = head["fields"], head["book"]
    fields |= {"gender": Gender(fields["gender"]), "age_mark": AgeMark(fields["age_mark"])}
    return CardFile(
        fields=fields,
        remarks=[CardRemark(Remark(each["kind"]), each["subject"], each["values"]) for each in head["remarks"]],
        book=BookRows(**book | {"entries": [EntryRow(*row) for row in book["entries"]]}) if book else None,
        kept=head["kept"],
        card=parts["card"].decode(),
        creator=head["creator"],
        version=head["version"],
        assets=head["assets"],
        portrait=parts["portrait"],
        files=parts["files"],
    )


def _question(data: bytes, file_name: str) -> tuple[dict[str, Any], list[bytes]]:
    """The line that goes out, and the parts."""
    try:
        read = read_card(data, file_name)
    except UnreadableCard as error:
        return {"fault": error.fault}, []
    filled = fields_of(read.card)
    book = read.card["data"].pop("character_book", None)
    names = json.dumps({str(number): uri for number, uri in enumerate(read.files)}).encode()
    files = {str(number): content for number, content in enumerate(read.files.values())}
    archive = write_archive({"names.json": names} | files) if files else b""
    card = json.dumps(read.card, ensure_ascii=False).encode()
    parts = [card, read.portrait, archive]
    head = {
        "fields": filled.fields,
        "remarks": [asdict(each) for each in (*read.remarks, *filled.remarks)],
        "book": _lean(rows_of(book)) if book else None,
        "kept": unknown_parts(read.card),
        "creator": read.card["data"].get("creator", "")[:LONGEST_TOLD],
        "version": read.card["data"].get("character_version", "")[:LONGEST_TOLD],
        "assets": [f"{each.get('type')}: {each.get('name')}"[:LONGEST_TOLD] for each in _besides(read)][:MOST_TOLD],
        "lengths": dict(zip(PARTS, map(len, parts), strict=True)),
    }
    return head, parts


def _besides(read: ReadCard) -> Iterable[dict[str, Any]]:
    """The assets that it brings as files, but for the portrait."""
    assets = read.card["data"].get("assets", [])
    main = ("icon", "main")
    return (each for each in assets if each["uri"] in read.files and (each.get("type"), each.get("name")) != main)


def _lean(book: BookRows) -> dict[str, Any]:
    return vars(book) | {"entries": [list(vars(each).values()) for each in book.entries]}


def main() -> None:
    os.nice(QUIETLY)
    with suppress(ValueError, OSError):  # not supported on every system
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    file_name = json.loads(sys.stdin.buffer.readline())
    head, parts = _question(sys.stdin.buffer.read(), file_name)
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(parts))


if __name__ == "__main__":
    main()
