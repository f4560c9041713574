"""Report view: an import report as ui/cards/import_preview.js shows it, with all texts and what became of them."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from domain.books.book_rows import BookRows, EntryRow
from domain.cards.faults import Remark
from domain.cards.reading import BookFile, CardFile
from domain.cards.report import SENTENCES, CardReport, report_of, report_of_book
from domain.characters.fields import Kind, of_kind
from domain.errors import Busy, Invalid
from domain.language import N_, Texts
from domain.llm.token_estimates import tokens_of
from ui.app import App
from ui.request.visitor import Reader
from ui.widgets.picture_urls import portrait_address

MOST_ENTRIES = 300
"""Maximum entries of a book that the preview shows and lets people switch on and off; the editor has all of them."""
LONGEST = 6000
"""Maximum characters of each text in the preview; the editor has the whole text."""
OPEN_FIRST = {"nickname", "greeting"}
EXCERPT = 400
"""Maximum characters of an entry's text in the preview."""
NOTES = {
    Remark.GUESSED_GENDER: N_("guessed from the tags"),
    Remark.UNKNOWN_GENDER: N_("the card doesn't say"),
    Remark.GUESSED_AGE: N_("guessed from the tags"),
    Remark.UNKNOWN_AGE: N_("the card doesn't say, so 18+ to be safe"),
}


async def report_view(app: App, reader: Reader, found: CardFile, *, is_picture: bool) -> dict[str, Any]:
    """`is_picture`: the file is itself a picture, which the browser has and can show."""
    portrait = b""
    if found.portrait and not is_picture:
        try:
            portrait = await app.pictures.photos.drawn(reader.must_be_logged_in(), found.portrait)
        except Invalid:  # the import leaves it out, and so does the preview
            found = found.without_portrait()
        except Busy:
            pass  # the import includes it, though it cannot be shown now
    view = await asyncio.to_thread(_view, reader._, found)
    shown = f"data:image/webp;base64,{b64encode(portrait).decode()}" if portrait else ""
    return view | {"portrait": shown, "is_picture": bool(found.portrait) and is_picture}


async def world_view(reader: Reader, found: BookFile, file_name: str) -> dict[str, Any]:
    """The preview of a lorebook that is a file of its own."""
    return await asyncio.to_thread(_world, reader._, found, file_name)


def _world(_: Texts, found: BookFile, file_name: str) -> dict[str, Any]:
    report = report_of_book(found, _)
    name = report.name or file_name
    return {
        "name": name,
        "portrait": "",
        "is_picture": False,
        "generated": portrait_address(name),
        "summary": " · ".join((_("World"), _entries(_, report.entries))),
        "gender": "",
        "gender_note": "",
        "age_mark": "",
        "age_note": "",
        "interests": [],
        "remarks": [*report.dropped, *report.idle],
        "parts": [],
        "book": _book(_, found.book),
        "kept": [],
    }


def _view(_: Texts, found: CardFile) -> dict[str, Any]:
    report = report_of(found, _)
    kinds = {each.kind for each in found.remarks}
    return {
        "name": report.name,
        "generated": portrait_address(report.name),
        "summary": " · ".join(_summary(_, report)),
        "gender": found.fields["gender"].value,
        "gender_note": _note(_, kinds, Remark.GUESSED_GENDER, Remark.UNKNOWN_GENDER),
        "age_mark": found.fields["age_mark"].value,
        "age_note": _note(_, kinds, Remark.GUESSED_AGE, Remark.UNKNOWN_AGE),
        "interests": found.fields["interests"],
        "remarks": [*_named_by_file(_, kinds, report.name), *report.dropped, *report.changed, *report.idle],
        "parts": [*_texts(_, found.fields), *_credits(_, found)],
        "book": _book(_, found.book) if found.book else None,
        "kept": report.kept,
    }


def _summary(_: Texts, report: CardReport) -> Iterable[str]:
    yield _.plural("{n} token in every request", "{n} tokens in every request", report.tokens)
    if report.entries:
        yield _.plural("lorebook of {n} entry", "lorebook of {n} entries", report.entries)


def _note(_: Texts, kinds: set[Remark], *about: Remark) -> str:
    return next((_(NOTES[kind]) for kind in about if kind in kinds), "")


def _named_by_file(_: Texts, kinds: set[Remark], name: str) -> Iterable[str]:
    if Remark.NAMED_BY_FILE in kinds:
        yield _(SENTENCES[Remark.NAMED_BY_FILE], name=name)


def _texts(_: Texts, fields: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """The texts in the order of the editor, each with its size in tokens."""
    for field in of_kind(Kind.LINE, Kind.TEXT, Kind.TEXTS):
        value = fields.get(field.name)
        if field.name == "name" or not value:
            continue
        texts = value if isinstance(value, list) else [value]
        tokens = tokens_of("\n".join(texts))
        size = _.plural("{n} token", "{n} tokens", tokens) if field.has_macros else ""
        if len(texts) > 1:
            size = f"{len(texts)} · {size}"
        yield _part(_(field.label), texts, size, is_open=field.name in OPEN_FIRST)


def _credits(_: Texts, found: CardFile) -> Iterable[dict[str, Any]]:
    told = [
        each
        for value, each in (
            (found.creator, _("Card by {creator}", creator=found.creator)),
            (found.version, _("Version {version}", version=found.version)),
        )
        if value.strip()
    ]
    if told:
        yield _part(_("About the card"), told)
    if found.assets:
        yield _part(_("Other pictures and files"), found.assets, str(len(found.assets)))


def _part(label: str, texts: list[str], size: str = "", *, is_open: bool = False) -> dict[str, Any]:
    shortened = [text[:LONGEST] + "…" if len(text) > LONGEST else text for text in texts]
    return {"label": label, "size": size, "texts": shortened, "is_open": is_open}


def _entries(_: Texts, number: int) -> str:
    return _.plural("{n} entry", "{n} entries", number)


def _entry(_: Texts, row: EntryRow) -> dict[str, Any]:
    text = str(json.loads(row.entry).get("content") or "").strip()
    return {
        "title": row.title,
        "keys": row.keys,
        "is_on": row.is_on,
        "text": text[:EXCERPT] + "…" if len(text) > EXCERPT else text,
        "size": _.plural("{n} token", "{n} tokens", row.tokens),
    }


def _book(_: Texts, book: BookRows) -> dict[str, Any]:
    entries = [_entry(_, each) for each in book.entries[:MOST_ENTRIES]]
    left = len(book.entries) - len(entries)
    return {
        "summary": _entries(_, len(book.entries)),
        "entries": entries,
        "more": _.plural("{n} more will be imported as is.", "{n} more will be imported as is.", left) if left else "",
    }
