"""Photos in a bucket that fails and recovers: what is refused, what goes on, and what is done later."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from domain.accounts.sessions import Caller
from domain.characters.characters import Characters
from domain.characters.starter_characters import add_starter_characters
from domain.characters.unused_photos import PhotoSweeper
from domain.clock import now
from domain.model.picture import Picture
from domain.pictures.avatars import Avatars
from domain.pictures.link_preview import Preview
from domain.pictures.link_previews import Previews
from domain.pictures.photos import Photos
from storage import bucket
from storage.database import Database
from storage.files import Files, FilesUnavailable
from tests.domain.conftest import filled
from tests.domain.pictures.photos import a_photo
from tests.s3_server import S3Server

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)]


@pytest.fixture
def files(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Files in the bucket, without the pause after a failure, for which no test waits."""
    monkeypatch.setattr(bucket, "REST", 0.0)
    return Files(s3.opened())


async def rows(database: Database) -> set[str]:
    async with database.read() as db:
        return set(await db.exec(select(Picture.token)))


async def stored(files: Files) -> set[str]:
    return {name.partition("/")[0] async for name in files.names()}


async def test_a_photo_that_cannot_be_kept_has_no_row_and_the_next_one_has(
    photos: Photos, database: Database, files: Files, s3: S3Server, ira: Caller
) -> None:
    with s3.stopped():
        with pytest.raises(FilesUnavailable):
            await photos.store(ira, a_photo())
        assert await rows(database) == set()
    token = await photos.store(ira, a_photo())
    assert await rows(database) == await stored(files) == {token}


async def test_a_photo_let_go_while_the_bucket_is_away_is_swept_away_later(
    photos: Photos, avatars: Avatars, database: Database, files: Files, s3: S3Server, ira: Caller
) -> None:
    shown = {await photos.store(ira, a_photo()) for _ in range(3)}
    worn, last, _other = shown
    await avatars.choose(ira, worn)
    with s3.stopped():
        await avatars.choose(ira, last)
    assert await rows(database) == shown - {worn}
    assert worn in await stored(files)
    await PhotoSweeper(database, photos)._sweep_files(sorted(await stored(files)))
    assert await stored(files) == shown - {worn}


async def test_a_sweep_while_the_bucket_is_away_takes_nothing_and_the_next_one_all(
    photos: Photos, database: Database, files: Files, s3: S3Server, ira: Caller
) -> None:
    token = await photos.store(ira, a_photo())
    sweeper = PhotoSweeper(database, photos)
    with s3.stopped():
        with pytest.raises(FilesUnavailable):
            await sweeper.sweep(now() + timedelta(days=1))
        assert await rows(database) == {token}
    await sweeper.sweep(now() + timedelta(days=1))
    assert await rows(database) == await stored(files) == set()


async def test_a_first_start_without_the_bucket_leaves_the_starters_to_the_next(
    photos: Photos, characters: Characters, database: Database, s3: S3Server
) -> None:
    with s3.stopped():
        await add_starter_characters(database, photos)
    assert await characters.page(None, 20) == []
    await add_starter_characters(database, photos)
    assert len(await characters.page(None, 20)) == 16


async def test_a_preview_without_its_photo_is_not_kept_once_the_photo_is_back(
    photos: Photos, s3: S3Server, ira: Caller
) -> None:
    previews = Previews(photos, [], "Беседа")
    marina = Preview("Марина", "", await photos.store(ira, a_photo()), ("#B4532A", "#E9A46A"))
    with s3.stopped():
        plain = await previews.jpeg(marina)
        assert await previews.jpeg(marina) is plain, "drawn once for all who ask meanwhile"
    assert await previews.jpeg(marina) != plain


async def test_a_character_is_saved_while_the_bucket_is_away(
    photos: Photos, characters: Characters, s3: S3Server, ira: Caller
) -> None:
    token = await photos.store(ira, a_photo())
    with s3.stopped():
        made = await characters.save(ira, filled(picture_token=token))
        await characters.save(ira, filled(id=made.id, picture_token=None))
