"""Starter characters: the eight that are there on the first day."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlmodel import select

from domain.accounts.log_in import LogIn
from domain.accounts.sessions import Caller
from domain.accounts.sign_up import SignUp
from domain.characters.characters import Characters
from domain.characters.starter_characters import SYSTEM_EMAIL, settle_demo_characters
from domain.clock import now
from domain.errors import Invalid, NotAllowed
from domain.model.character import Character
from domain.model.picture import Picture
from domain.model.user import User
from domain.pictures.crop import SIZES
from domain.pictures.photos import Photos
from storage.database import Database
from storage.files import Files
from tests.domain.conftest import files_below


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_eight_characters_are_there_on_the_first_day_complete_with_photos(
    database: Database, photos: Photos, files: Files, characters: Characters
) -> None:
    await settle_demo_characters(database, photos)
    gallery = await characters.page(None, 10)
    assert len({character.name for character in gallery}) == 8
    assert gallery[0].name == "Аглая Ветрова"  # the order of the file is the order of the gallery
    for character in gallery:
        assert character.teaser
        assert character.bio
        assert character.greeting
        assert character.context
        assert character.interests
        for size in ("small", "large"):
            assert files.path(character.picture_token or "", size, ".webp"), character.name


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_deleted_ones_stay_deleted_after_the_next_start(
    database: Database, photos: Photos, pictures: Path, characters: Characters
) -> None:
    await settle_demo_characters(database, photos)
    async with database.write() as db:
        for character in (await db.exec(select(Character).limit(3))).all():
            character.deleted_at = now()
    await settle_demo_characters(database, photos)
    assert len(await characters.page(None, 10)) == 5
    assert len(files_below(pictures)) == 8 * len(SIZES)


async def test_two_instances_starting_at_once_end_with_eight(
    database: Database, photos: Photos, pictures: Path, characters: Characters
) -> None:
    await asyncio.gather(*(settle_demo_characters(database, photos) for _ in range(2)))
    assert len(await characters.page(None, 10)) == 8
    async with database.read() as db:
        assert len((await db.exec(select(User))).all()) == 1
        assert len((await db.exec(select(Picture))).all()) == 8
    assert len(files_below(pictures)) == 8 * len(SIZES), "photos that nobody shows lie about"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_they_belong_to_an_account_nobody_can_enter(
    database: Database, photos: Photos, sign_up: SignUp, log_in: LogIn, characters: Characters, ira: Caller
) -> None:
    await settle_demo_characters(database, photos)
    for password in ("", "nobody has this password"):
        with pytest.raises(Invalid):
            await log_in.by_password(SYSTEM_EMAIL, password)
    with pytest.raises(Invalid):
        await sign_up.request(SYSTEM_EMAIL, "ru")
    [first, *_] = await characters.page(ira, 10)
    with pytest.raises(NotAllowed):
        await characters.delete(ira, first.id)
