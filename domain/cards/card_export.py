"""Exporting a character as a card file, for every program that reads cards."""

from __future__ import annotations

import asyncio
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.accounts.sessions import Caller, authenticate
from domain.books.book_rows import book_of, book_of_character
from domain.cards.card_fields import changed, fields_of
from domain.cards.read_card import EMBEDDED, PICTURE_OF_ITS_OWN
from domain.cards.write_card import as_charx, as_json, as_png, as_v2, new_card, overlaid, without_secrets
from domain.characters.characters import get_visible
from domain.clock import now
from domain.model.book import Book, BookEntry
from domain.model.character import Character
from domain.model.character_card import CharacterCard
from domain.pictures.photos import Photos
from domain.rate_limits import EXPORTS, RateLimiter
from storage.database import Database

NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
LONGEST_NAME = 60
MAIN_ICON = f"{EMBEDDED[0]}assets/icon/images/main.webp"


class CardKind(StrEnum):
    PNG = "png"
    JSON = "json"
    JSON_V2 = "json-v2"
    CHARX = "charx"


MEDIA_TYPES = {
    CardKind.PNG: "image/png",
    CardKind.JSON: "application/json",
    CardKind.JSON_V2: "application/json",
    CardKind.CHARX: "application/zip",
}


@dataclass(frozen=True)
class CardDownload:
    name: str
    media_type: str
    data: bytes


Colours = Callable[[str, int], tuple[str, str]]
"""The two colours of the portrait of a character without a photo, by its name and which of the portraits it has."""
MOST_AT_ONCE = 100
"""Characters in one archive."""


class CardExport:
    def __init__(self, database: Database, photos: Photos, limits: RateLimiter) -> None:
        self._database = database
        self._photos = photos
        self._limits = limits

    async def export(
        self, caller: Caller, character_id: int, kind: CardKind, colours: Colours, *, secrets: bool = True
    ) -> CardDownload:
        """The character as a card. Only its author and admins get what it says to the model, and only if they want it.

        Raises `NotFound`, `RateLimited`.
        """
        await self._limits.take(EXPORTS, caller.user_id)
        async with self._database.read() as db:
            viewer = await authenticate(db, caller)
            character = await get_visible(db, viewer, character_id)
            with_secrets = secrets and character.may_be_changed_by(viewer)
            kept = await db.get(CharacterCard, character.id)
            book = await book_of_character(db, character.id) if with_secrets else None
        photo = await self._photos.file_if_there(character.picture_token)
        archive = await self._photos.archive(kept.files_token) if kept and kept.files_token else b""
        parts = _Parts(character, kept, book, photo, archive)
        data = await asyncio.to_thread(
            _written, parts, kind, colours(character.name, character.portrait), with_secrets=with_secrets
        )
        suffix = "json" if kind is CardKind.JSON_V2 else kind.value
        name = NOT_IN_NAMES.sub(" ", character.name).strip()[:LONGEST_NAME] or "character"
        return CardDownload(f"{name}.{suffix}", MEDIA_TYPES[kind], data)

    async def export_many(
        self, caller: Caller, ids: Sequence[int], kind: CardKind, colours: Colours, *, secrets: bool = True
    ) -> AsyncIterator[bytes]:
        """A ZIP archive of their cards in pieces, written while it is sent; those that the caller may not see are left
        out. Raises `Invalid` for `ids` (none, or more than `MOST_AT_ONCE`), `RateLimited`, `Busy`.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class _Parts:
    """What a card is made of."""

    character: Character
    kept: CharacterCard | None
    book: tuple[Book, list[BookEntry]] | None
    photo: bytes | None
    archive: bytes


def _written(parts: _Parts, kind: CardKind, colours: tuple[str, str], *, with_secrets: bool) -> bytes:
    character, kept, photo = parts.character, parts.kept, parts.photo
    card = json.loads(kept.card) if kept else new_card()
    before: dict[str, Any] = fields_of(card).fields if kept else dict.fromkeys(FIELDS_OF_A_CARD)
    card = overlaid(card, changed(before, character), now())
    if parts.book:
        card["data"]["character_book"] = book_of(*parts.book)
    files = _files_in(parts.archive)
    if kept and kept.portrait_token != character.picture_token:
        _replace_main_icon(card, files, photo)
    if not with_secrets:
        card = without_secrets(card)
    match kind:
        case CardKind.JSON:
            return as_json(card)
        case CardKind.JSON_V2:
            return as_json(as_v2(card))
        case CardKind.CHARX:
            if photo and not any(each.get("type") == "icon" for each in card["data"].get("assets", [])):
                _replace_main_icon(card, files, photo)
            return as_charx(card, files)
        case CardKind.PNG:
            from domain.pictures import png_copy  # with Pillow, which a start should not wait for

            return as_png(card, png_copy.as_png(photo, colours), files)


FIELDS_OF_A_CARD = (
    *("name", "context", "personality", "scenario", "greeting", "other_greetings", "examples"),
    *("after_history", "notes", "interests"),
)
"""All of them are news where there was no card before."""


def _files_in(archive: bytes) -> dict[str, bytes]:
    """The files by their address; the archive is our own (domain/cards/reading.py)."""
    if not archive:
        return {}
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = json.loads(opened.read("names.json"))
        return {uri: opened.read(number) for number, uri in names.items()}


def _replace_main_icon(card: dict[str, Any], files: dict[str, bytes], photo: bytes | None) -> None:
    """The photo that its author chose since stands for the card's own portrait."""
    assets = card["data"].setdefault("assets", [])
    is_main = [each for each in assets if each.get("type") == "icon" and each.get("name") == "main"]
    for each in is_main:
        assets.remove(each)
        files.pop(each["uri"], None)
    if photo:
        assets.insert(0, {"type": "icon", "uri": MAIN_ICON, "name": "main", "ext": "webp"})
        files[MAIN_ICON] = photo
    else:
        assets.insert(0, {"type": "icon", "uri": PICTURE_OF_ITS_OWN, "name": "main", "ext": "png"})
