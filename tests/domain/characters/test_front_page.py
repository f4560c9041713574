"""Front page: what it shows to somebody who has been here before."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from domain.accounts.sessions import Caller
from domain.characters.characters import Characters
from domain.characters.favourites import Favourites
from domain.characters.front_page import NEW_FOR, FrontPage, Shelves
from domain.characters.visibility import Absence
from domain.model.character import AgeMark, Character
from storage.database import Database
from tests.clock import Clock
from tests.domain.conftest import filled, talked


def names(shelves: Shelves) -> tuple[list[str], list[str], list[str]]:
    return (
        [each.name for each in shelves.latest],
        [each.name for each in shelves.new],
        [each.name for each in shelves.favourites],
    )


async def test_somebody_known_finds_their_latest_chats_what_is_new_and_their_favourites(
    database: Database, characters: Characters, ira: Caller, boris: Caller, clock: Clock
) -> None:
    front_page = FrontPage(database)
    assert names(await front_page.shelves(boris)) == ([], [], [])
    marina = await characters.save(ira, filled(name="Марина"))
    tikhon = await characters.save(ira, filled(name="Тихон"))
    await characters.save(boris, filled(name="Своя"))
    await characters.save(ira, filled(name="Взрослая", age_mark=AgeMark.ADULT))
    for each in (tikhon, marina):
        await talked(database, boris, each.id)
        clock.set(clock.time + timedelta(minutes=1))
    await Favourites(database).set_favourite(boris, tikhon.id, favourite=True)
    assert names(await front_page.shelves(boris)) == (["Марина", "Тихон"], ["Тихон", "Марина"], ["Тихон"])
    assert names(await front_page.shelves(ira)) == ([], ["Своя"], []), "what others talk about is not hers"

    async with database.write() as db:
        for each in await db.exec(select(Character)):
            each.created_at -= NEW_FOR
    await characters.delete(ira, tikhon.id)
    assert names(await front_page.shelves(boris)) == (["Марина", "Тихон"], [], []), "a chat can still be read"


async def test_of_a_character_that_is_gone_no_more_is_told_than_everybody_knew(
    database: Database, characters: Characters, ira: Caller
) -> None:
    public, secret = await characters.save(ira, filled()), await characters.save(ira, filled(is_public=False))
    assert await characters.absence(secret.id) == await characters.absence(10**12) == Absence.UNKNOWN
    async with database.write() as db:
        (await db.get_one(Character, public.id)).is_blocked = True
        (await db.get_one(Character, secret.id)).is_blocked = True
    assert await characters.absence(public.id) == Absence.BLOCKED
    for each in (public, secret):
        await characters.delete(ira, each.id)
    assert await characters.absence(public.id) == Absence.DELETED
    assert await characters.absence(secret.id) == Absence.UNKNOWN
