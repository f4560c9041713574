"""Lifetime of what came with a card: copied and swept away with the character, counted, part of the data export."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from sqlmodel import select

from domain.accounts.sessions import Caller
from domain.bin import KEPT_IN_BIN
from domain.cards.card_export import CardExport
from domain.cards.card_import import CardImport
from domain.cards.card_pictures import CardPictures
from domain.cards.read_card import read_card
from domain.cards.workers import Workers
from domain.characters.characters import Characters
from domain.characters.duplicate_restore import DuplicateRestore
from domain.characters.unused_photos import PhotoSweeper
from domain.clock import now
from domain.model.character_card import CharacterCard
from domain.pictures.photos import Photos
from domain.quotas import QuotaReached
from domain.rate_limits import CARD_MEGABYTES_KEPT, PICTURES_KEPT, InMemory, RateLimiter
from domain.retention import Bin
from storage.database import Database
from storage.files import Files
from tests.clock import Clock
from tests.conftest import UNLIMITED
from tests.domain.cards.card_files import charx, v3
from tests.domain.cards.kept_cards import kept_card
from tests.domain.cards.test_keep_and_export import ASSETS, FILES
from tests.domain.conftest import files_below
from tests.domain.pictures.photos import a_photo

SEA = {"type": "background", "uri": "embeded://assets/sea.png", "name": "main", "ext": "png"}
CARD = charx(v3(assets=[*ASSETS, SEA]), FILES | {"assets/sea.png": a_photo(size=(80, 60))})


@pytest.fixture
def duplicates(database: Database, photos: Photos, limits: RateLimiter) -> DuplicateRestore:
    return DuplicateRestore(database, photos, limits)


async def test_a_copy_has_a_card_and_files_of_its_own(
    importing: CardImport,
    duplicates: DuplicateRestore,
    characters: Characters,
    database: Database,
    photos: Photos,
    ira: Caller,
    clock: Clock,
) -> None:
    original, _ = await importing.keep(ira, CARD, "card.charx")
    copy = await duplicates.duplicate(ira, original.id)
    before, after = await kept_card(database, photos, original.id), await kept_card(database, photos, copy.id)
    assert (after.card, after.files) == (before.card, before.files)
    async with database.read() as db:
        cards = {each.character_id: each for each in await db.exec(select(CharacterCard))}
    assert cards[copy.id].background_token not in {None, cards[original.id].background_token}
    assert cards[copy.id].portrait_token == copy.picture_token, "its photo is still the one that the card brought"
    await characters.delete(ira, original.id)
    clock.advance(KEPT_IN_BIN * 2)
    await PhotoSweeper(database, photos).sweep(now())
    assert (await kept_card(database, photos, copy.id)).files == before.files


async def test_files_are_kept_as_long_as_the_character_can_be_brought_back(
    importing: CardImport, characters: Characters, database: Database, photos: Photos, pictures: Path, ira: Caller,
    clock: Clock,
) -> None:  # fmt: skip
    made, _ = await importing.keep(ira, CARD, "card.charx")
    sweeper, bin_ = PhotoSweeper(database, photos), Bin(database)
    await characters.delete(ira, made.id)
    clock.advance(KEPT_IN_BIN / 2)
    kept = files_below(pictures)
    await sweeper.sweep(now())
    assert files_below(pictures) == kept
    clock.advance(KEPT_IN_BIN)
    await bin_.empty_of_characters(now() - KEPT_IN_BIN)
    await sweeper.sweep(now())
    assert files_below(pictures) == []
    async with database.read() as db:
        assert await db.get(CharacterCard, made.id) is None, "it says what the character no longer does"


async def test_whoever_takes_their_data_along_gets_the_files_of_their_cards_too(
    importing: CardImport, exporting: CardExport, ira: Caller, boris: Caller
) -> None:
    made, _ = await importing.keep(ira, CARD, "card.charx")
    card = await exporting.card_of_own(ira.user_id, made.id)
    assert card
    assert {"embeded://assets/happy.png", "embeded://module.risum"} <= read_card(card).files.keys()
    assert await exporting.card_of_own(boris.user_id, made.id) is None


async def test_what_a_card_cannot_be_kept_with_is_not_left_behind(
    database: Database, photos: Photos, pictures: Path, workers: Workers, ira: Caller
) -> None:
    few = RateLimiter(InMemory(), UNLIMITED | {CARD_MEGABYTES_KEPT.name: 1})
    importing = CardImport(database, photos, few, workers, CardPictures(database, photos, few))
    large = charx(v3(), {"assets/sound.bin": Random(7).randbytes(1_100_000)})
    with pytest.raises(QuotaReached):
        await importing.keep(ira, large, "card.charx")
    assert files_below(pictures) == []


async def test_pictures_that_a_card_brought_count_among_those_one_may_keep(
    database: Database, photos: Photos, pictures: Path, workers: Workers, ira: Caller
) -> None:
    few = RateLimiter(InMemory(), UNLIMITED | {PICTURES_KEPT.name: 3})
    importing = CardImport(database, photos, few, workers, CardPictures(database, photos, few))
    await importing.keep(ira, CARD, "card.charx")  # its portrait, its background, the archive of its files
    kept = files_below(pictures)
    with pytest.raises(QuotaReached):
        await importing.keep(ira, charx(v3(), {"assets/bell.ogg": b"OggS"}), "card.charx")
    assert files_below(pictures) == kept


async def test_the_book_of_a_card_counts_once(
    database: Database, photos: Photos, workers: Workers, ira: Caller
) -> None:
    few = RateLimiter(InMemory(), UNLIMITED | {CARD_MEGABYTES_KEPT.name: 1})
    importing = CardImport(database, photos, few, workers, CardPictures(database, photos, few))
    entry = {"keys": ["кот"], "content": "Кот.", "x_mine": "я" * 600_000}
    await importing.keep(ira, json.dumps(v3(character_book={"entries": [entry]})).encode())
    await importing.keep(ira, json.dumps(v3()).encode())


@pytest.mark.slow
async def test_a_backup_has_the_files_of_cards(importing: CardImport, files: Files, ira: Caller) -> None:
    await importing.keep(ira, CARD, "card.charx")
    assert {name.partition("/")[2] for name in [name async for name in files.names()]} == {
        *("files.zip", "background.webp"),
        *("large.webp", "small.webp", "face.webp"),
    }
