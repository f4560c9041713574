from __future__ import annotations

import pytest

from domain.accounts.devices import Devices
from domain.accounts.sessions import Caller
from domain.characters.character import Character, Gender
from domain.characters.characters import PAGE, Characters
from domain.errors import NotFound, SignedOut
from storage.database import Database
from tests.domain.conftest import filled


async def settle(database: Database, owner: Caller, number: int) -> None:
    """Many plain characters at once."""
    async with database.write() as db:
        db.add_all(
            Character(owner_id=owner.user_id, name=f"Номер {each}", gender=Gender.OTHER) for each in range(number)
        )


def names(page: list[Character]) -> list[str]:
    return [character.name for character in page]


async def test_everybody_sees_public_ones_newest_first(characters: Characters, ira: Caller, boris: Caller) -> None:
    for owner, name in ((ira, "Первая"), (boris, "Вторая"), (ira, "Третья")):
        await characters.save(owner, filled(name=name))
    for viewer in (None, ira, boris):
        assert names(await characters.gallery(viewer)) == ["Третья", "Вторая", "Первая"]
        assert await characters.count(viewer) == 3
    assert names(await characters.gallery(ira, mine=True)) == ["Третья", "Первая"]
    assert await characters.count(boris, mine=True) == 1


async def test_private_ones_are_seen_by_their_owner_only(characters: Characters, ira: Caller, boris: Caller) -> None:
    private = await characters.save(ira, filled(name="Дневник", is_public=False))
    assert names(await characters.gallery(ira)) == ["Дневник"]
    assert (await characters.get(ira, private.id))[0].name == "Дневник"
    for stranger in (None, boris):
        assert await characters.gallery(stranger) == []
        assert await characters.count(stranger) == 0
        with pytest.raises(NotFound) as refused:
            await characters.get(stranger, private.id)
        with pytest.raises(NotFound) as missing:
            await characters.get(stranger, 4711)
        assert str(refused.value) == str(missing.value)


async def test_made_private_it_leaves_others_gallery_at_once(
    characters: Characters, ira: Caller, boris: Caller
) -> None:
    made = await characters.save(ira, filled())
    await characters.save(ira, filled(id=made.id, is_public=False))
    assert await characters.gallery(boris) == []
    assert len(await characters.gallery(ira)) == 1


async def test_a_guest_owns_nothing(characters: Characters, ira: Caller) -> None:
    await characters.save(ira, filled())
    assert await characters.gallery(None, mine=True) == []
    assert await characters.count(None, mine=True) == 0


async def test_a_character_comes_with_its_authors_name(characters: Characters, ira: Caller, boris: Caller) -> None:
    made = await characters.save(ira, filled())
    assert (await characters.get(boris, made.id))[1] == "ira"


async def test_pages_follow_one_another_without_gap_or_repetition(
    characters: Characters, database: Database, ira: Caller
) -> None:
    await settle(database, ira, number=2 * PAGE + 3)
    seen: list[Character] = []
    before = None
    sizes = []
    while page := await characters.gallery(None, before=before):
        seen += page
        sizes.append(len(page))
        before = page[-1].id
    assert sizes == [PAGE, PAGE, 3]
    assert names(seen) == [f"Номер {each}" for each in reversed(range(2 * PAGE + 3))]
    assert await characters.count(None) == len(seen)


async def test_one_added_meanwhile_does_not_shift_the_next_page(
    characters: Characters, database: Database, ira: Caller
) -> None:
    await settle(database, ira, number=PAGE + 1)
    first = await characters.gallery(None)
    await characters.save(ira, filled(name="Новенькая"))
    await characters.delete(ira, first[-1].id)
    assert names(await characters.gallery(None, before=first[-1].id)) == ["Номер 0"]


async def test_after_log_out_an_open_gallery_is_refused(devices: Devices, characters: Characters, ira: Caller) -> None:
    await devices.log_out(ira)
    with pytest.raises(SignedOut):
        await characters.gallery(ira)
