"""Suggestions: characters shown to somebody who is looking for one to talk with; on both databases."""

from __future__ import annotations

import pytest
from sqlmodel import select

from domain.accounts.profile import ProfileEditing
from domain.accounts.sessions import Caller
from domain.accounts.tastes import Tastes
from domain.characters.characters import Characters
from domain.characters.suggestions import COMPARED, Suggestions
from domain.model.character import AgeMark, Character, Gender
from storage.database import Database
from tests.domain.conftest import filled


@pytest.fixture
def suggestions(database: Database) -> Suggestions:
    return Suggestions(database)


class Cast:
    """Boris's characters, by their names."""

    def __init__(self, database: Database, characters: Characters, author: Caller) -> None:
        self._database = database
        self._characters = characters
        self._author = author
        self.ids: dict[str, int] = {}

    async def add(self, name: str, interests: list[str], *, talkers: int = 0, **fields: object) -> None:
        made = await self._characters.save(self._author, filled(name=name, interests=interests, **fields))
        self.ids[name] = made.id
        async with self._database.write() as db:
            (await db.get_one(Character, made.id)).talkers = talkers

    async def delete(self, name: str) -> None:
        await self._characters.delete(self._author, self.ids[name])


@pytest.fixture
def cast(database: Database, characters: Characters, boris: Caller) -> Cast:
    return Cast(database, characters, boris)


async def names(suggestions: Suggestions, caller: Caller | None, language: str = "ru") -> list[str]:
    return [each.character.name for each in await suggestions.to_begin_with(caller, language)]


async def names_like(suggestions: Suggestions, character_id: int, language: str = "ru") -> list[str]:
    return [each.character.name for each in await suggestions.similar_to(None, character_id, language)]


async def test_a_stranger_is_shown_the_most_popular_that_everybody_may_see(
    suggestions: Suggestions, cast: Cast
) -> None:
    await cast.add("Анна", [], talkers=3)
    await cast.add("Борис", [], talkers=9)
    await cast.add("Вера", [])
    await cast.add("Nora", [], talkers=100, language="en")
    await cast.add("Тайна", [], talkers=100, is_public=False)
    await cast.add("Взрослая", [], talkers=100, age_mark=AgeMark.ADULT)
    assert await names(suggestions, None) == ["Борис", "Анна", "Вера"]
    assert (await names(suggestions, None, "en"))[0] == "Nora", "in the language that one reads"
    await cast.delete("Вера")
    assert await names(suggestions, None) == ["Борис", "Анна", "Nora"], "one in another language is better than none"


async def test_those_who_share_the_most_interests_come_first_and_then_the_popular_ones(
    suggestions: Suggestions, cast: Cast, profile: ProfileEditing, ira: Caller
) -> None:
    await cast.add("Борис", ["книги"], talkers=5)
    await cast.add("Анна", ["Книги", "море"], gender=Gender.OTHER)
    await cast.add("Nora", ["книги", "море"], talkers=100, language="en")
    await cast.add("Вера", ["шахматы"], talkers=7)
    await cast.add("Глеб", ["шахматы"], talkers=50)
    await profile.save(ira, "Ира", "", "", "", tastes=Tastes("", ("Море", "книги")))
    assert await names(suggestions, ira) == ["Анна", "Борис", "Глеб"]
    assert await names(suggestions, ira, "en") == ["Nora", "Глеб", "Вера"]


async def test_one_who_shares_much_is_found_behind_many_popular_ones_who_share_little(
    suggestions: Suggestions, cast: Cast, profile: ProfileEditing, ira: Caller
) -> None:
    for number in range(COMPARED // 10):
        await cast.add(f"Книжник {number}", ["книги"], talkers=10 + number)
        await cast.add(f"Моряк {number}", ["море"], talkers=10 + number)
    await cast.add("Анна", ["книги", "море"])
    await profile.save(ira, "Ира", "", "", "", tastes=Tastes("", ("море", "книги")))
    assert (await names(suggestions, ira))[0] == "Анна"


async def test_nobody_is_shown_their_own_characters(suggestions: Suggestions, cast: Cast, boris: Caller) -> None:
    await cast.add("Своя", ["море"], talkers=100)
    assert await names(suggestions, None) == ["Своя"]
    assert await names(suggestions, boris) == []


async def test_in_place_of_one_that_is_gone_stand_those_most_like_it(
    suggestions: Suggestions, cast: Cast, database: Database
) -> None:
    await cast.add("Ушедшая", ["горы", "чай"])
    await cast.add("Анна", ["Горы", "чай"])
    await cast.add("Борис", ["горы"], talkers=1)
    await cast.add("Вера", ["шахматы"], talkers=9)
    await cast.add("Глеб", [], talkers=5)
    await cast.delete("Ушедшая")
    assert await names_like(suggestions, cast.ids["Ушедшая"]) == ["Анна", "Борис", "Вера"]
    async with database.write() as db:
        for each in await db.exec(select(Character).where(Character.name == "Анна")):
            each.is_blocked = True
    assert (await names_like(suggestions, cast.ids["Анна"]))[0] == "Борис"


async def test_what_a_private_character_is_about_cannot_be_told_from_those_shown_instead(
    suggestions: Suggestions, cast: Cast
) -> None:
    await cast.add("Тайна", ["горы"], is_public=False)
    await cast.add("Анна", ["горы"])
    await cast.add("Борис", [], talkers=3)
    assert (
        await names_like(suggestions, cast.ids["Тайна"]) == await names_like(suggestions, 10**12) == ["Борис", "Анна"]
    )
