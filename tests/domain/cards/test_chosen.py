"""Choices in the preview of a card hold, and the limits let a hundred cards in at once."""

from __future__ import annotations

import json

import pytest

from domain.accounts.sessions import Caller
from domain.cards.card_import import CardImport
from domain.cards.card_pictures import CardPictures
from domain.cards.workers import Workers
from domain.model.character import AgeMark
from domain.pictures.photos import Photos
from domain.rate_limits import CARD_IMPORTS, CARD_PREVIEWS, CHARACTERS, UPLOADS, InMemory, RateLimiter
from storage.database import Database
from storage.files import Files
from tests.domain.cards.card_files import png, text, v3
from tests.domain.cards.kept_cards import book_of_character

BOOK = {
    "entries": [
        {"keys": ["кот"], "content": "Кот спит.", "enabled": True},
        {"keys": ["маяк"], "content": "Маяк белый.", "enabled": False},
        {"keys": ["море"], "content": "Море шумит.", "enabled": True},
    ]
}
A_HUNDRED = 100


async def test_entries_are_on_and_off_as_they_were_turned(
    importing: CardImport, database: Database, ira: Caller
) -> None:
    data = json.dumps(v3(character_book=BOOK)).encode()
    character, _ = await importing.keep(ira, data, "card.json", {"age_mark": AgeMark.SIX}, [0, 1, 7])
    async with database.read() as db:
        book = await book_of_character(db, character.id)
    assert book
    assert [(each.is_on, json.loads(each.entry)["enabled"]) for each in book[1]] == [
        (False, False),
        (True, True),
        (True, True),
    ]
    assert character.age_mark is AgeMark.SIX


@pytest.mark.slow
async def test_a_hundred_cards_and_their_portraits_are_within_the_limits_of_an_hour(
    database: Database, files: Files, workers: Workers, ira: Caller
) -> None:
    """Imports have limits of their own: other characters and photos are made by hand, one after the other."""
    strict = RateLimiter(InMemory(), {UPLOADS.name: 0, CHARACTERS.name: 0})
    photos = Photos(database, files, strict)
    importing = CardImport(database, photos, strict, workers, CardPictures(database, photos, strict))
    for _ in range(A_HUNDRED - 1):
        await strict.take_each((CARD_PREVIEWS, CARD_IMPORTS), ira.user_id)
    data = png(text(v3()))
    await importing.preview(ira, data)
    character, _ = await importing.keep(ira, data)
    assert character.picture_token
