"""Duplicating and restoring a character; on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from domain.accounts.accounts import Accounts
from domain.accounts.sessions import Caller
from domain.bin import KEPT_IN_BIN
from domain.characters.characters import Characters
from domain.characters.drafts import NEW, Drafts
from domain.characters.duplicate_restore import DuplicateRestore
from domain.characters.fields import EDITABLE
from domain.characters.unused_photos import PhotoSweeper
from domain.clock import now
from domain.errors import NotAllowed, NotFound
from domain.model.character import Character
from domain.pictures.photos import Photos
from domain.rate_limits import RateLimiter
from storage.database import Database
from storage.files import Files
from tests.domain.conftest import People, files_below, filled
from tests.domain.pictures.photos import a_photo

RICH = {
    "bio": "Живёт у моря.",
    "personality": "Немногословна",
    "scenario": "Шторм",
    "greeting": "Заходи, {{user}}.",
    "other_greetings": ["Кто там?"],
    "examples": ["{{char}}: Тише."],
    "after_history": "Будь кратка.",
    "temperature": 0.3,
    "reply_tokens": 300,
    "notes": "Спросите о маяке.",
    "portrait": 3,
}


@pytest.fixture
def copies(database: Database, photos: Photos, limits: RateLimiter) -> DuplicateRestore:
    return DuplicateRestore(database, photos, limits)


@pytest.fixture
def drafts(database: Database, limits: RateLimiter) -> Drafts:
    return Drafts(database, limits)


async def test_a_copy_is_private_and_the_same_in_everything_but_its_name(
    copies: DuplicateRestore, characters: Characters, drafts: Drafts, ira: Caller
) -> None:
    marina = await characters.save(ira, filled(**RICH))
    await drafts.save(ira, NEW, {"name": "Другая"})
    copied = await characters.get_own(ira, (await copies.duplicate(ira, marina.id)).id)
    assert copied.id != marina.id
    assert (copied.name, copied.is_public) == ("Марина (копия)", False)
    same = set(EDITABLE) - {"name", "is_public"}
    assert {field: getattr(copied, field) for field in same} == {field: getattr(marina, field) for field in same}
    assert await drafts.of(ira, NEW), "what was begun beside it is still there"


@pytest.mark.parametrize("mark", ["is_blocked", "is_hidden"])
async def test_a_copy_is_no_way_round_what_an_admin_decided(
    copies: DuplicateRestore, characters: Characters, database: Database, ira: Caller, mark: str
) -> None:
    marina = await characters.save(ira, filled())
    async with database.write() as db:
        setattr(await db.get_one(Character, marina.id), mark, True)
    with pytest.raises(NotAllowed):
        await copies.duplicate(ira, marina.id)


async def test_the_copy_of_the_longest_name_is_not_too_long(
    copies: DuplicateRestore, characters: Characters, ira: Caller
) -> None:
    copied = await copies.duplicate(ira, (await characters.save(ira, filled(name="ж" * 64))).id)
    assert copied.name == "ж" * 56 + " (копия)"
    await characters.save(ira, copied)


async def test_a_copy_has_a_photo_of_its_own(
    copies: DuplicateRestore, characters: Characters, photos: Photos, files: Files, pictures: Path, ira: Caller
) -> None:
    marina = await characters.save(ira, filled(picture_token=await photos.store(ira, a_photo())))
    copied = await copies.duplicate(ira, marina.id)
    first, second = marina.picture_token, copied.picture_token
    assert first
    assert second
    assert first != second
    assert await characters.save(ira, filled(id=marina.id, picture_token=None))
    assert {path.name.partition("-")[0] for path in files_below(pictures)} == {second}
    large = await files.find(second, "large", ".webp")
    assert large
    assert large.data.startswith(b"RIFF")


async def test_nobody_copies_what_is_not_theirs(
    copies: DuplicateRestore, characters: Characters, accounts: Accounts, ira: Caller, boris: Caller
) -> None:
    shown, hidden = [await characters.save(ira, filled(is_public=is_public)) for is_public in (True, False)]
    with pytest.raises(NotAllowed):
        await copies.duplicate(boris, shown.id)
    with pytest.raises(NotFound):
        await copies.duplicate(boris, hidden.id)
    await accounts.set_admin("boris@example.org", is_admin=True)
    with pytest.raises(NotAllowed):
        await copies.duplicate(boris, hidden.id)
    assert await characters.page(boris, 10, mine=True) == []


async def test_a_deletion_is_undone_photo_and_all(
    copies: DuplicateRestore, characters: Characters, photos: Photos, files: Files, ira: Caller
) -> None:
    marina = await characters.save(ira, filled(**RICH, picture_token=await photos.store(ira, a_photo())))
    await characters.delete(ira, marina.id)
    assert await characters.page(None, 10) == []
    await copies.restore(ira, marina.id)
    await copies.restore(ira, marina.id)  # an impatient second click
    character = await characters.get_own(ira, marina.id)
    assert character.picture_token
    assert character.picture_token == marina.picture_token
    assert await files.find(character.picture_token, "large", ".webp")
    assert [each.name for each in await characters.page(None, 10, search="маяка")] == ["Марина"]


async def test_a_deletion_that_is_not_undone_lets_the_photo_go(
    characters: Characters, photos: Photos, pictures: Path, database: Database, ira: Caller
) -> None:
    marina = await characters.save(ira, filled(picture_token=await photos.store(ira, a_photo())))
    await characters.delete(ira, marina.id)
    async with database.write() as db:
        (await db.get_one(Character, marina.id)).deleted_at = now() - KEPT_IN_BIN
    await PhotoSweeper(database, photos).sweep(now() + timedelta(seconds=1))
    assert files_below(pictures) == []


async def test_an_author_does_not_bring_back_what_an_admin_deleted(
    copies: DuplicateRestore, characters: Characters, accounts: Accounts, people: People, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled())
    await accounts.set_admin("boris@example.org", is_admin=True)
    await characters.delete(boris, marina.id)
    with pytest.raises(NotAllowed):
        await copies.restore(ira, marina.id)
    assert not await copies.may_restore(ira, marina.id), "and no page offers it"
    await accounts.set_admin("ira@example.org", is_admin=True)
    with pytest.raises(NotAllowed):  # as an admin neither, while there is another one to ask
        await copies.restore(ira, marina.id)
    lena = await people.come("lena")
    await accounts.set_admin("lena@example.org", is_admin=True)
    assert await copies.may_restore(lena, marina.id)
    await copies.restore(lena, marina.id)
    assert [each.name for each in await characters.page(None, 10)] == ["Марина"]
    await characters.delete(ira, marina.id)
    with pytest.raises(NotAllowed):  # nor the other way round
        await copies.restore(lena, marina.id)
    await copies.restore(ira, marina.id)


async def test_an_author_brings_back_within_a_month(
    copies: DuplicateRestore, characters: Characters, database: Database, ira: Caller
) -> None:
    marina = await characters.save(ira, filled())
    await characters.delete(ira, marina.id)
    assert await copies.may_restore(ira, marina.id)
    async with database.write() as db:
        (await db.get_one(Character, marina.id)).deleted_at = now() - KEPT_IN_BIN
    with pytest.raises(NotAllowed):
        await copies.restore(ira, marina.id)
    assert not await copies.may_restore(ira, marina.id)
    assert await characters.page(ira, 10, mine=True) == []


@pytest.mark.parametrize("mark", ["is_blocked", "is_hidden", "is_to_mend"])
async def test_what_an_admin_decided_is_there_again_after_a_deletion_is_undone(
    copies: DuplicateRestore, characters: Characters, database: Database, ira: Caller, mark: str
) -> None:
    marina = await characters.save(ira, filled())
    async with database.write() as db:
        character = await db.get_one(Character, marina.id)
        setattr(character, mark, True)
        character.is_hidden |= mark == "is_to_mend"
    await characters.delete(ira, marina.id)
    with pytest.raises(NotFound):
        await copies.duplicate(ira, marina.id)
    await copies.restore(ira, marina.id)
    assert await characters.page(None, 10) == []
    assert getattr(await characters.get_own(ira, marina.id), mark)
    with pytest.raises(NotAllowed):
        await copies.duplicate(ira, marina.id)


async def test_nobody_else_brings_it_back(
    copies: DuplicateRestore, characters: Characters, ira: Caller, boris: Caller
) -> None:
    marina = await characters.save(ira, filled())
    await characters.delete(ira, marina.id)
    for character_id in (marina.id, 4711):
        with pytest.raises(NotFound):
            await copies.restore(boris, character_id)
    assert await characters.page(None, 10) == []
