"""Starter characters: the eight in each language that are there on the first day."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlmodel import col, delete, select

from domain.accounts.log_in import LogIn
from domain.accounts.sessions import Caller
from domain.accounts.sign_up import SignUp
from domain.characters.characters import Characters
from domain.characters.starter_characters import SLUGS, StarterSet, add_starter_characters
from domain.clock import now
from domain.errors import Invalid, NotAllowed
from domain.model.character import Character
from domain.model.picture import Picture
from domain.model.user import SYSTEM_EMAIL, User
from domain.pictures.crop import SIZES
from domain.pictures.photos import Photos
from storage.database import Database
from storage.files import Files
from tests.domain.conftest import files_below


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_eight_in_each_language_are_there_on_the_first_day_complete_with_photos(
    database: Database, photos: Photos, files: Files, characters: Characters
) -> None:
    await add_starter_characters(database, photos)
    gallery = await characters.page(None, 20)
    assert len({character.name for character in gallery}) == 16
    assert [(each.language, each.starter) for each in gallery] == [
        (lang, slug) for lang in ("ru", "en") for slug in SLUGS
    ]
    assert gallery[0].name == "Аглая Ветрова"
    for character in gallery:
        assert character.teaser
        assert character.bio
        assert character.greeting
        assert character.context
        assert character.interests
        for size in ("small", "large"):
            assert await files.find(character.picture_token or "", size, ".webp"), character.name


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_deleted_ones_stay_deleted_after_the_next_start(
    database: Database, photos: Photos, pictures: Path, characters: Characters
) -> None:
    await add_starter_characters(database, photos)
    async with database.write() as db:
        for character in (await db.exec(select(Character).limit(3))).all():
            character.deleted_at = now()
    await add_starter_characters(database, photos)
    assert len(await characters.page(None, 20)) == 13
    assert len(files_below(pictures)) == 16 * len(SIZES)


async def test_a_server_that_has_the_russian_eight_gets_the_english_once(
    database: Database, photos: Photos, characters: Characters
) -> None:
    await add_starter_characters(database, photos)
    async with database.write() as db:
        await db.exec(delete(Character).where(col(Character.language) == "en"))
        await db.exec(delete(StarterSet).where(col(StarterSet.language) == "en"))
    for _ in range(2):
        await add_starter_characters(database, photos)
        assert [each.language for each in await characters.page(None, 20)] == ["en"] * 8 + ["ru"] * 8
    async with database.read() as db:
        assert len((await db.exec(select(User))).all()) == 1
    async with database.write() as db:
        await db.exec(delete(Character).where(col(Character.language) == "en"))
    await add_starter_characters(database, photos)
    assert len(await characters.page(None, 20)) == 8


async def test_two_instances_starting_at_once_end_with_one_set(
    database: Database, photos: Photos, pictures: Path, characters: Characters
) -> None:
    await asyncio.gather(*(add_starter_characters(database, photos) for _ in range(2)))
    assert len(await characters.page(None, 20)) == 16
    async with database.read() as db:
        assert len((await db.exec(select(User))).all()) == 1
        assert len((await db.exec(select(Picture))).all()) == 16
    assert len(files_below(pictures)) == 16 * len(SIZES), "photos that nobody shows lie about"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_they_belong_to_an_account_nobody_can_enter(
    database: Database, photos: Photos, sign_up: SignUp, log_in: LogIn, characters: Characters, ira: Caller
) -> None:
    await add_starter_characters(database, photos)
    for password in ("", "nobody has this password"):
        with pytest.raises(Invalid):
            await log_in.by_password(SYSTEM_EMAIL, password)
    with pytest.raises(Invalid):
        await sign_up.request(SYSTEM_EMAIL, "ru")
    [first, *_] = await characters.page(ira, 10)
    with pytest.raises(NotAllowed):
        await characters.delete(ira, first.id)
