"""Pictures that a card brought: one becomes the portrait, one the background of the chat, and who may see that."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image

from domain.accounts.sessions import Caller
from domain.cards.card_import import CardImport
from domain.cards.card_pictures import CardPictures
from domain.characters.duplicate_restore import DuplicateRestore
from domain.characters.unused_photos import PhotoSweeper
from domain.clock import now
from domain.errors import AppError, NotAllowed, NotFound
from domain.model.character import AgeMark, Character
from domain.model.character_card import CharacterCard
from domain.model.user import User
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from storage.database import Database
from storage.files import StoredFile
from tests.domain.cards.card_files import charx, v3
from tests.domain.conftest import files_below, talked
from tests.domain.llm.conftest import eventually
from tests.domain.pictures.photos import a_photo, saved

FILES = {
    "assets/day.png": a_photo(size=(60, 80)),
    "assets/night.png": a_photo(size=(90, 80)),
    "assets/joy.webp": a_photo("WEBP", size=(40, 80)),
    "assets/hall.png": a_photo(size=(400, 100)),
    "assets/sea.jpeg": a_photo("JPEG", size=(4_000, 2_000)),
    "assets/bell.ogg": b"OggS",
}
ASSETS = [
    {"type": kind, "uri": f"embeded://{path}", "name": name, "ext": path.rpartition(".")[2]}
    for kind, name, path in (
        ("icon", "night", "assets/night.png"),
        ("icon", "main", "assets/day.png"),
        ("emotion", "joy", "assets/joy.webp"),
        ("background", "hall", "assets/hall.png"),
        ("background", "main", "assets/sea.jpeg"),
        ("icon", "bell", "assets/bell.ogg"),
        ("user_icon", "Ира", "assets/day.png"),
    )
]
CARD = charx(v3(assets=ASSETS, tags=["sfw", "женский"]), FILES)


async def card_of(database: Database, character: Character) -> CharacterCard:
    async with database.read() as db:
        return await db.get_one(CharacterCard, character.id)


def size_of(stored: StoredFile) -> tuple[int, int]:
    with Image.open(io.BytesIO(stored.data)) as opened:
        assert opened.format == "WEBP"
        return opened.size


async def test_the_background_that_a_card_is_for_is_drawn_anew_when_it_comes_in(
    database: Database, importing: CardImport, photos: Photos, ira: Caller
) -> None:
    character, _found = await importing.keep(ira, CARD, "Аглая.charx")
    card = await card_of(database, character)
    assert card.background_token
    assert size_of(await photos.file(card.background_token, "background")) == (1600, 800)


async def test_a_card_without_one_has_none_and_a_broken_one_is_left_out(
    database: Database, importing: CardImport, ira: Caller
) -> None:
    broken = [{"type": "background", "uri": "embeded://bell.ogg", "name": "main", "ext": "png"}]
    for card in (charx(v3()), charx(v3(assets=broken), {"bell.ogg": b"OggS"})):
        character, _found = await importing.keep(ira, card)
        assert (await card_of(database, character)).background_token is None


async def test_its_author_sees_what_there_is_to_choose_from_main_ones_first(
    importing: CardImport, card_pictures: CardPictures, ira: Caller, boris: Caller
) -> None:
    character, _found = await importing.keep(ira, CARD)
    assert await card_pictures.are_there(ira, character.id)
    offered, has_background = await card_pictures.offered(ira, character.id)
    assert has_background
    assert [(each.kind, each.name) for each in offered] == [
        *(("icon", "main"), ("icon", "night"), ("emotion", "joy")),
        *(("background", "main"), ("background", "hall")),
    ]
    for each in offered:
        with Image.open(io.BytesIO(each.thumbnail)) as opened:
            assert opened.format == "WEBP"
            assert max(opened.size) <= 240
    with pytest.raises(NotFound):
        await card_pictures.offered(boris, character.id)


async def test_another_icon_becomes_a_photo_like_an_uploaded_one(
    importing: CardImport, card_pictures: CardPictures, photos: Photos, ira: Caller
) -> None:
    character, _found = await importing.keep(ira, CARD)
    offered, _has = await card_pictures.offered(ira, character.id)
    night, hall = offered[1].number, offered[-1].number
    token = await card_pictures.take_portrait(ira, character.id, night)
    assert size_of(await photos.file(token, "large")) == (900, 1200)
    for number in (hall, 99, -1):
        with pytest.raises(NotFound):
            await card_pictures.take_portrait(ira, character.id, number)


async def test_an_emotion_stands_behind_only_where_its_author_chose_it(
    database: Database, importing: CardImport, card_pictures: CardPictures, photos: Photos, ira: Caller
) -> None:
    joy = [{"type": "emotion", "uri": "embeded://joy.png", "name": "joy", "ext": "png"}]
    character, _found = await importing.keep(ira, charx(v3(assets=joy), {"joy.png": a_photo(size=(300, 400))}))
    assert (await card_of(database, character)).background_token is None
    (offered,), has_background = await card_pictures.offered(ira, character.id)
    assert (offered.may_be_portrait, offered.may_stand_behind, has_background) == (True, True, False)
    await card_pictures.choose_background(ira, character.id, offered.number)
    token = (await card_of(database, character)).background_token
    assert size_of(await photos.file(token or "", "background")) == (300, 400)


async def test_the_background_can_be_changed_and_taken_away_with_its_files(
    database: Database, importing: CardImport, card_pictures: CardPictures, photos: Photos, pictures: Path, ira: Caller
) -> None:
    character, _found = await importing.keep(ira, CARD)
    first = (await card_of(database, character)).background_token
    offered, _has = await card_pictures.offered(ira, character.id)
    await card_pictures.choose_background(ira, character.id, offered[-1].number)
    second = (await card_of(database, character)).background_token
    assert second not in {None, first}
    assert size_of(await photos.file(second or "", "background")) == (400, 100)
    kept = len(files_below(pictures))
    await card_pictures.choose_background(ira, character.id, None)
    assert (await card_of(database, character)).background_token is None
    assert len(files_below(pictures)) == kept - 1
    with pytest.raises(NotFound):
        await card_pictures.choose_background(ira, character.id, offered[0].number)  # no background


async def test_its_author_is_told_which_one_stands_behind_now(
    importing: CardImport, card_pictures: CardPictures, ira: Caller
) -> None:
    def lit(column: int) -> bytes:
        with Image.open(io.BytesIO(a_photo(size=(600, 300)))) as scene:
            scene.paste("white", (column, 100, column + 60, 160))
            return saved(scene, "PNG")

    scenes = {"lamp.png": lit(100), "moon.png": lit(400)}
    assets = [{"type": "background", "uri": f"embeded://{name}", "name": name, "ext": "png"} for name in scenes]
    cards = [(CARD, "main", "hall"), (charx(v3(assets=assets), scenes), "lamp.png", "moon.png")]
    for card, imported, chosen in cards:
        character, _found = await importing.keep(ira, card)
        offered, _has = await card_pictures.offered(ira, character.id)
        assert [each.name for each in offered if each.is_behind] == [imported]
        number = next(each.number for each in offered if each.name == chosen)
        await card_pictures.choose_background(ira, character.id, number)
        offered, _has = await card_pictures.offered(ira, character.id)
        assert [each.name for each in offered if each.is_behind] == [chosen]
        await card_pictures.choose_background(ira, character.id, None)
        offered, _has = await card_pictures.offered(ira, character.id)
        assert not any(each.is_behind for each in offered)


async def test_a_duplicate_has_a_background_of_its_own(
    database: Database,
    importing: CardImport,
    card_pictures: CardPictures,
    photos: Photos,
    limits: RateLimiter,
    ira: Caller,
) -> None:
    character, _found = await importing.keep(ira, CARD)
    copy = await DuplicateRestore(database, photos, limits).duplicate(ira, character.id)
    await card_pictures.choose_background(ira, character.id, None)
    token = (await card_of(database, copy)).background_token
    assert token
    assert size_of(await photos.file(token, "background")) == (1600, 800)


async def test_an_import_and_the_editor_read_pictures_within_one_limit(
    importing: CardImport, card_pictures: CardPictures, ira: Caller
) -> None:
    places = card_pictures._places
    async with places.slot(ira.user_id):
        keeping = asyncio.create_task(importing.keep(ira, CARD))
        assert await eventually(lambda: places.waiting == 1 or keeping.done())
        assert not keeping.done(), "one card at a time per user"
    await keeping


async def test_nobody_else_chooses(
    database: Database, importing: CardImport, card_pictures: CardPictures, ira: Caller, boris: Caller
) -> None:
    character, _found = await importing.keep(ira, CARD)
    async with database.write() as db:
        (await db.get_one(Character, character.id)).is_public = True
    for attempt in (
        card_pictures.offered(boris, character.id),
        card_pictures.take_portrait(boris, character.id, 1),
        card_pictures.choose_background(boris, character.id, None),
    ):
        with pytest.raises(NotAllowed):
            await attempt


async def test_who_may_see_a_background_is_who_may_see_the_character(
    database: Database, importing: CardImport, photos: Photos, ira: Caller, boris: Caller
) -> None:
    character, _found = await importing.keep(ira, CARD)
    token = (await card_of(database, character)).background_token or ""

    async def sees(viewer: Caller | None) -> bool:
        if await photos.is_open(token):
            return True
        try:
            await photos.check(viewer, token)
        except AppError:
            return False
        return True

    async def change(**columns: object) -> None:
        async with database.write() as db:
            found = await db.get_one(Character, character.id)
            for name, value in columns.items():
                setattr(found, name, value)

    assert [await sees(each) for each in (None, boris, ira)] == [False, False, True]
    await change(is_public=True)
    assert await sees(None)
    await change(age_mark=AgeMark.ADULT)
    assert [await sees(each) for each in (None, boris, ira)] == [False, False, True]
    async with database.write() as db:
        adult = await db.get_one(User, boris.user_id)
        adult.shows_adult, adult.birth_year = True, 1980
    assert [await sees(each) for each in (None, boris)] == [False, True]
    await change(is_public=False)
    assert not await sees(boris)
    await talked(database, boris, character.id)
    assert [await sees(each) for each in (None, boris)] == [False, True]
    await change(deleted_at=now())
    assert not await sees(boris)


async def test_what_stands_behind_a_chat_is_not_swept_away_until_its_character_has_left_the_bin(
    database: Database, importing: CardImport, photos: Photos, pictures: Path, ira: Caller
) -> None:
    character, _found = await importing.keep(ira, CARD)
    kept = len(files_below(pictures))
    sweeper = PhotoSweeper(database, photos)
    async with database.write() as db:
        (await db.get_one(Character, character.id)).deleted_at = now()
    await sweeper.sweep(now())
    assert len(files_below(pictures)) == kept
    async with database.write() as db:
        (await db.get_one(Character, character.id)).deleted_at = now().replace(year=now().year - 1)
    await sweeper.sweep(now())
    assert files_below(pictures) == []
