"""Erasure of cards: the card of a character goes when its secrets go, and its files with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from domain.accounts.sessions import Caller
from domain.cards.card_import import CardImport
from domain.cards.card_pictures import CardPictures
from domain.cards.workers import Workers
from domain.erasure import AccountErasure
from domain.model.character_card import CharacterCard
from domain.model.picture import Picture
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from storage.database import Database
from tests.domain.cards.card_files import charx, v3
from tests.domain.conftest import PASSWORD, files_below, talked
from tests.domain.pictures.photos import a_photo

CARD = charx(
    v3(assets=[{"type": "background", "uri": "embeded://assets/sea.png", "name": "main", "ext": "png"}]),
    {"assets/sea.png": a_photo()},
)


@pytest.fixture
def importing(database: Database, photos: Photos, limits: RateLimiter, workers: Workers) -> CardImport:
    return CardImport(database, photos, limits, workers, CardPictures(database, photos, limits))


async def cards(database: Database) -> list[CharacterCard]:
    async with database.read() as db:
        return list(await db.exec(select(CharacterCard)))


@pytest.mark.parametrize("is_talked_with", [True, False])
async def test_nothing_of_a_card_outlives_its_owner(
    importing: CardImport,
    leaving: AccountErasure,
    database: Database,
    pictures: Path,
    ira: Caller,
    boris: Caller,
    *,
    is_talked_with: bool,
) -> None:
    aglaya, _ = await importing.keep(ira, CARD, "aglaya.charx")
    if is_talked_with:
        await talked(database, boris, aglaya.id)
    assert files_below(pictures)
    await leaving.delete(ira, PASSWORD, keep_public=True)
    assert await cards(database) == []
    assert files_below(pictures) == []


async def test_the_card_of_a_public_character_that_stays_stays_whole_but_for_the_files_name(
    importing: CardImport, leaving: AccountErasure, database: Database, photos: Photos, ira: Caller
) -> None:
    await importing.keep(ira, CARD, "my own file.charx", {"is_public": True})
    await leaving.delete(ira, PASSWORD, keep_public=True)
    [kept] = await cards(database)
    assert kept.file_name == ""
    assert kept.files_token
    assert await photos.archive(kept.files_token)
    async with database.read() as db:
        owners = {picture.owner_id for picture in await db.exec(select(Picture))}
    assert ira.user_id not in owners
